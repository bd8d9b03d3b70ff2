import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { everySession } from "../backend/backend";
import { go } from "../parts/route";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

async function openApproved(name: string) {
  const backend = tell(name);
  await screen.findByTestId("detail");
  const [request] = await backend.requests("decided");
  if (!request) throw new Error("no decided request");
  expect(request.state).toBe("approved");
  go(`approvals/${request.id}`);
  return { backend, request };
}

test("an approver takes back what was countersigned, for a reason, and is told what came of it", async () => {
  const user = userEvent.setup();
  const { backend, request } = await openApproved("approvals");
  const revoke = vi.spyOn(backend, "revokeGrant");
  await user.click(await screen.findByTestId("revoke"));
  await user.type(screen.getByLabelText(/^Why/), "too short");
  expect(button("confirm-revoke").disabled).toBe(true);
  await user.type(screen.getByLabelText(/^Why/), ": wrong ticket.");
  await user.click(button("confirm-revoke"));
  expect(revoke).toHaveBeenCalledWith(request.id, "too short: wrong ticket.");
  await screen.findByTestId("told");
});

test("when revoking fails it says so, keeps the reason, and can be tried again", async () => {
  const user = userEvent.setup();
  const { backend } = await openApproved("approvals");
  const failing = vi.spyOn(backend, "revokeGrant").mockRejectedValueOnce(new Error("away"));
  await user.click(await screen.findByTestId("revoke"));
  await user.type(screen.getByLabelText(/^Why/), "It was the wrong ticket.");
  await user.click(button("confirm-revoke"));
  await screen.findByTestId("fault");
  await user.click(button("confirm-revoke"));
  await screen.findByTestId("told");
  expect(failing).toHaveBeenCalledTimes(2);
});

test("an administrator puts a computer out with a code for exactly that", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-enrol");
  const revoke = vi.spyOn(backend, "revokeDevice");
  await user.click(await screen.findByText("Computers that were let in"));
  const one = within(await screen.findByTestId("computer-dev-mara"));
  await user.click(one.getByTestId("revoke-device"));
  await user.type(screen.getByLabelText(/^Why/), "The laptop was stolen.");
  expect(button("confirm-revoke").disabled).toBe(true);
  const question = within(screen.getByRole("alertdialog"));
  await user.type(question.getByTestId("code-field"), "419877");
  expect(revoke).not.toHaveBeenCalled();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(revoke).toHaveBeenCalledWith("dev-mara", "The laptop was stolen.", "419877"));
  await waitFor(() => expect(within(screen.getByTestId("computer-dev-mara")).queryByTestId("revoke-device")).toBeNull());
  within(screen.getByTestId("computer-dev-mara")).getByText("Revoked");
});

test("a revoked computer cannot be revoked again, and nobody but an administrator sees the list", async () => {
  const user = userEvent.setup();
  tell("approvals-enrol");
  await user.click(await screen.findByText("Computers that were let in"));
  const old = within(await screen.findByTestId("computer-dev-rui-old"));
  expect(old.queryByTestId("revoke-person")).toBeNull();
});

test("an approver is shown no computers", async () => {
  tell("approvals");
  await screen.findByTestId("detail");
  expect(screen.queryByTestId("computers")).toBeNull();
});

test("a reviewer ends a session that is open, for a reason and with a code for exactly that", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const { sessions } = await backend.sessions(everySession);
  const open = sessions.find((one) => one.endedAt === null);
  const end = vi.spyOn(backend, "endSessions");
  await user.click(await screen.findByTestId(`row-${open?.id}`));
  await user.click(await screen.findByTestId("end-this"));
  await user.type(screen.getByLabelText(/^Why/), "They read what the ticket does not ask for.");
  expect(button("confirm-end").disabled).toBe(true);
  await user.type(screen.getByTestId("code-field"), "419877");
  await user.click(button("confirm-end"));
  expect(end).toHaveBeenCalledWith([open?.id], "They read what the ticket does not ask for.", "419877");
  expect((await screen.findByTestId("told")).textContent).toContain("The gateway confirmed it");
});
