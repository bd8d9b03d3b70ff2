import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { tell } from "./story";

const code = () => screen.findByTestId<HTMLInputElement>("code-field");
const pressable = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

test("countersigning takes six digits and Enter, tells who was told, and empties the code for the next", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  const approve = vi.spyOn(backend, "approve");
  await screen.findByTestId("detail");
  await code();
  await user.keyboard("a");
  expect(document.activeElement).toBe(await code());
  expect(pressable("countersign").disabled).toBe(true);
  await user.keyboard("419877");
  expect(approve).not.toHaveBeenCalled();
  await user.keyboard("{Enter}");
  await screen.findByText(/Mara has been told/);
  expect(approve.mock.calls[0]?.[2]).toBe("419877");
  await waitFor(() =>
    expect(within(screen.getByTestId("detail")).getByRole("heading", { level: 1 }).textContent).toBe("Brightwater Logistics"),
  );
  expect((await code()).value).toBe("");
});

test("a wrong code keeps the focus and the comment, and says how many tries are left", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await user.type(await screen.findByTestId("comment"), "Agree");
  await user.type(await code(), "000000{Enter}");
  await screen.findByText(/4 tries left/);
  expect(document.activeElement).toBe(await code());
  expect((await code()).value).toBe("");
  expect(screen.getByTestId<HTMLInputElement>("comment").value).toBe("Agree");
});

test("denying takes a reason and no code", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  const deny = vi.spyOn(backend, "deny");
  await screen.findByTestId("detail");
  await code();
  await user.keyboard("d");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("comment")));
  expect(pressable("confirm-deny").disabled).toBe(true);
  await user.keyboard("Read is enough");
  await user.click(pressable("confirm-deny"));
  expect(deny.mock.calls[0]?.[1]).toBe("Read is enough");
  await screen.findByText(/Denied. Mara has been told why/);
});

test("nothing can be signed when a signature does not match", async () => {
  tell("approvals-mismatch");
  await screen.findByText(/does not match the request. Do not sign/);
  expect(screen.queryByTestId("countersign")).toBeNull();
  expect(screen.queryByTestId("deny")).toBeNull();
});

test("with a reason to stop, a comment is required", async () => {
  const user = userEvent.setup();
  tell("approvals-stop");
  await user.type(await code(), "419877");
  expect(pressable("countersign").disabled).toBe(true);
  await user.type(screen.getByTestId("comment"), "I called her");
  expect(pressable("countersign").disabled).toBe(false);
});

test("a failure keeps what was typed and says what to do next", async () => {
  const user = userEvent.setup();
  tell("approvals-failed");
  await user.type(await screen.findByTestId("comment"), "Agree");
  await user.type(await code(), "419877{Enter}");
  const fault = await screen.findByTestId("fault");
  expect(fault.textContent).toContain("Nothing was changed");
  expect(fault.textContent).toContain("try again");
  expect(screen.getByTestId<HTMLInputElement>("comment").value).toBe("Agree");
});

test("an administrator lets a computer in", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-enrol");
  const enrol = vi.spyOn(backend, "enrol");
  await user.click((await screen.findAllByTestId("enrol"))[0] as HTMLElement);
  const question = within(await screen.findByRole("dialog"));
  question.getByText("a91f 03de");
  const field = question.getByTestId<HTMLInputElement>("code-field");
  expect(pressable("confirm-enrol").disabled).toBe(true);
  await user.type(field, "419877");
  expect(enrol).not.toHaveBeenCalled();
  await user.keyboard("{Enter}");
  expect(enrol).toHaveBeenCalledWith("rui", "dev-rui", "419877");
  await waitFor(() => expect(screen.queryByTestId("enrolment-rui")).toBeNull());
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a wrong code lets no computer in and is said at the field; not now signs nothing", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-enrol");
  const enrol = vi.spyOn(backend, "enrol");
  await user.click((await screen.findAllByTestId("enrol"))[1] as HTMLElement);
  const question = within(await screen.findByRole("dialog"));
  await user.type(question.getByTestId("code-field"), "000000{Enter}");
  await question.findByText(/4 tries left/);
  expect(question.getByTestId<HTMLInputElement>("code-field").value).toBe("");
  await user.click(question.getByText("Not now"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  screen.getByTestId("enrolment-leila");
  expect(enrol).toHaveBeenCalledTimes(1);
});

test("letting a computer in that fails says what to do next, and axe objects to nothing", async () => {
  const user = userEvent.setup();
  tell("approvals-enrol-failed");
  await user.click((await screen.findAllByTestId("enrol"))[0] as HTMLElement);
  const question = within(await screen.findByRole("dialog"));
  await user.type(question.getByTestId("code-field"), "419877{Enter}");
  expect((await question.findByTestId("fault")).textContent).toContain("try again");
  const { violations } = await axe.run(screen.getByRole("dialog"), { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map((one) => one.id)).toEqual([]);
  screen.getByTestId("enrolment-rui");
});

test("a request is signed as it stands on the page", async () => {
  const user = userEvent.setup();
  const backend = tell("request");
  const sign = vi.spyOn(backend, "signRequest");
  await user.type(await screen.findByTestId("justification"), "Two employees were paid holiday pay twice.");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(sign).toHaveBeenCalled());
  expect(sign.mock.calls[0]?.[0]).toEqual({
    organization: "kinloch-hotels",
    reason: "customer-reported-problem",
    ticket: "KP-48221",
    justification: "Two employees were paid holiday pay twice.",
    scope: "read",
    durationSeconds: 1800,
  });
  await screen.findByTestId("request-access");
});

test("an Organization is chosen by a part of its name and Enter", async () => {
  const user = userEvent.setup();
  const backend = tell("request");
  const sign = vi.spyOn(backend, "signRequest");
  const field = await screen.findByTestId<HTMLInputElement>("organization");
  await user.clear(field);
  await user.type(field, "cobalt{Enter}");
  await waitFor(() => expect(field.value).toBe("Cobalt Health Network"));
  await user.type(screen.getByTestId("justification"), "A report of theirs does not load at all.");
  await user.click(screen.getByTestId("sign-request"));
  await waitFor(() => expect(sign.mock.calls[0]?.[0].organization).toBe("cobalt-health"));
});

test("a form that cannot be signed says so in a summary that takes the focus", async () => {
  const user = userEvent.setup();
  const backend = tell("request");
  const sign = vi.spyOn(backend, "signRequest");
  await screen.findByTestId("justification");
  await user.click(screen.getByTestId("sign-request"));
  const summary = await screen.findByTestId("summary");
  expect(document.activeElement).toBe(summary);
  expect(summary.textContent).toContain("at least 20 characters");
  expect(sign).not.toHaveBeenCalled();
});

test("opening asks for a code when the last one is old", async () => {
  const user = userEvent.setup();
  const backend = tell("access-code");
  const open = vi.spyOn(backend, "openSession");
  await user.click(await screen.findByTestId("open-session"));
  await user.type(await code(), "419877");
  await user.click(screen.getByTestId("open-with-code"));
  await waitFor(() => expect(open.mock.calls.map((call) => call[1])).toEqual([null, "419877"]));
  await waitFor(() => expect(screen.queryByTestId("open-with-code")).toBeNull());
});

test("without the audit service nothing opens, and the page says why", async () => {
  tell("access-offline");
  await screen.findByTestId("offline");
  expect((await screen.findByTestId<HTMLButtonElement>("open-session")).disabled).toBe(true);
});

test("a session ends only after a second press, and the bar says why it ended", async () => {
  const user = userEvent.setup();
  const backend = tell("bar");
  const end = vi.spyOn(backend, "endSession");
  await user.click(await screen.findByTestId("end-session"));
  expect(end).not.toHaveBeenCalled();
  await user.click(screen.getByTestId("end-session"));
  await screen.findByTestId("session-ended");
});

test("a reviewer marks a session, and reviews once", async () => {
  const user = userEvent.setup();
  const backend = tell("replay");
  const review = vi.spyOn(backend, "review");
  await user.click(await screen.findByTestId("mark-reviewed"));
  await user.click(await screen.findByTestId("sign-review"));
  expect(review).toHaveBeenCalledWith("S-90398", "nothing-to-report", "");
  await waitFor(() => expect(screen.getByTestId("review-state").textContent).toBe("Reviewed."));
});

test("a recording that is not in the log is not shown", async () => {
  const backend = tell("replay-mismatch");
  const recording = vi.spyOn(backend, "recording");
  await screen.findByTestId("proof");
  expect(screen.getByTestId("proof").dataset.verified).toBe("false");
  expect(recording).not.toHaveBeenCalled();
  expect(screen.queryByTestId("stage")).toBeNull();
  expect(screen.queryByTestId("mark-reviewed")).toBeNull();
  expect(screen.getByTestId("flag")).toBeTruthy();
});

test("G and a letter go to a page; Control K finds", async () => {
  const user = userEvent.setup();
  tell("access");
  await screen.findByTestId("request-access");
  await user.keyboard("gu");
  await screen.findByTestId("verdict");
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId("palette-input"), "kinl");
  await user.keyboard("{Enter}");
  await screen.findByTestId("sign-request");
});
