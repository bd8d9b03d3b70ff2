import { cleanup, screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { stories } from "../backend/fake/stories";
import { tell } from "./story";

const settled: Record<string, string> = {
  join: "join-text",
  keyring: "fault",
  "sign-in": "sign-in",
  enrolment: "device-key",
  "second-factor": "totp-secret",
  "second-factor-reset": "sign-in-again",
  code: "enter-code",
  "start-failed": "fault",
  "join-refused": "fault",
  "sign-in-waiting": "match-code",
  "code-wrong": "lost-app",
  "code-lost": "replace-code",
  "second-factor-wrong": "totp-secret",
  "recovery-codes": "recovery-codes",
  "key-revoked": "new-key",
  "key-revoked-going": "new-key",
  "key-revoked-failed": "fault",
  "key-not-proven": "key-not-proven",
};

test.each(Object.keys(stories))("%s has nothing that axe objects to", async (name) => {
  tell(name);
  const marker = settled[name];
  await waitFor(() =>
    expect(marker ? screen.queryByTestId(marker) : document.querySelector("main h1, .session-bar .org, [role=status]")).toBeTruthy(),
  );
  await waitFor(() => expect(document.documentElement.dataset.told).toBe("all"));
  await new Promise((done) => setTimeout(done, 60));
  // Whatever is told as a failure can be sent to somebody.
  for (const fault of screen.queryAllByTestId("fault")) within(fault).getByRole("button", { name: "Copy details", hidden: true });
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
    iframes: false,
  });
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)).toEqual([]);
  cleanup();
});
