import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { tell } from "./story";

const why = "This takes the audit service, which does not answer.";
const described = (id: string) => {
  const button = screen.getByTestId<HTMLButtonElement>(id);
  expect(button.disabled).toBe(true);
  return document.getElementById(button.getAttribute("aria-describedby") ?? "")?.textContent;
};

test("without the audit service nothing is asked for, by the button or by its keys, and the button says why", async () => {
  const user = userEvent.setup();
  const backend = tell("request-offline");
  const sign = vi.spyOn(backend, "signRequest");
  await user.type(await screen.findByTestId("justification"), "Two employees were paid holiday pay twice.");
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(described("sign-request")).toBe(why);
  expect(screen.getByTestId("sign-request").closest("[title]")?.getAttribute("title")).toBe(why);
  expect(sign).not.toHaveBeenCalled();
  screen.getByTestId("offline");
});

test("without the audit service nothing is countersigned, by the button or by Enter; a denial still can be", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-offline");
  const approve = vi.spyOn(backend, "approve");
  await user.type(await screen.findByTestId("code-field"), "419877{Enter}");
  expect(described("countersign")).toBe(why);
  expect(approve).not.toHaveBeenCalled();
  expect(screen.getByTestId<HTMLButtonElement>("deny").disabled).toBe(false);
});

test("without the audit service no review is signed and no evidence is made", async () => {
  const user = userEvent.setup();
  tell("replay-offline");
  await user.click(await screen.findByTestId("mark-reviewed"));
  expect(described("sign-review")).toBe(why);
  expect(described("make-evidence")).toBe(why);
});

test("without the audit service no list is exported and no session opens, and both say why", async () => {
  tell("sessions-offline");
  await screen.findByTestId("export");
  expect(described("export")).toBe(why);
  cleanup();
  tell("access-offline");
  await screen.findByTestId("open-session");
  const shut = "Open session needs the audit service and the gateway. One of them does not answer.";
  expect(described("open-session")).toBe(shut);
  expect(screen.getByTestId("open-session").closest("[title]")?.getAttribute("title")).toBe(shut);
});

test("a recording that does not match the log says whom to tell, with details that name the session", async () => {
  tell("replay-mismatch");
  const stop = await screen.findByTestId("mismatch");
  expect(stop.textContent).toContain("Tell security now");
  fireEvent.click(within(stop).getByRole("button", { name: "Copy details" }));
  const copied = await navigator.clipboard.readText();
  expect(copied).toContain("does-not-match");
  expect(copied).toMatch(/Session S-\d+\./);
});

test("the details of a failure say when and where it was, and nothing of what was typed", async () => {
  const user = userEvent.setup();
  tell("approvals-failed");
  await user.type(await screen.findByTestId("comment"), "A private remark");
  await user.type(await screen.findByTestId("code-field"), "419877{Enter}");
  const fault = await screen.findByTestId("fault");
  fireEvent.click(within(fault).getByRole("button", { name: "Copy details" }));
  const copied = await navigator.clipboard.readText();
  expect(copied).toMatch(/^Countersign error unreachable\n/);
  expect(copied).toMatch(/\d\d:\d\d:\d\d UTC, approvals$/);
  expect(copied).not.toContain("remark");
  expect(copied).not.toContain("419877");
});

test("who approves nothing is told who can", async () => {
  tell("approvals-forbidden");
  expect((await screen.findByTestId("empty")).textContent).toContain("An administrator can make you an approver.");
});

test("entries that somebody may not read are said to be others' to read", async () => {
  tell("log-entries-forbidden");
  const empty = await screen.findByTestId("empty");
  expect(empty.textContent).toContain("Ask Ines Carvalho");
  expect(screen.queryByTestId("fault")).toBeNull();
});
