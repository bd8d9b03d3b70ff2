import { cleanup, screen, waitFor } from "@testing-library/react";
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
};

test.each(Object.keys(stories))("%s has nothing that axe objects to", async (name) => {
  tell(name);
  const marker = settled[name];
  await waitFor(() =>
    expect(marker ? screen.queryByTestId(marker) : document.querySelector("main h1, .session-bar .org, [role=status]")).toBeTruthy(),
  );
  await new Promise((done) => setTimeout(done, 60));
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
    iframes: false,
  });
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)).toEqual([]);
  cleanup();
});
