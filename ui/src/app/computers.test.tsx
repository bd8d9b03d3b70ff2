import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

async function ask(user: ReturnType<typeof userEvent.setup>, device: string) {
  await user.click(await screen.findByTestId(`remove-${device}`));
  await user.type(screen.getByTestId("revoke-reason"), "It was left on a train.");
}

test("a person removes another computer of theirs, for a reason and with a code for exactly that", async () => {
  const user = userEvent.setup();
  const backend = tell("settings-devices");
  const revoke = vi.spyOn(backend, "revokeDevice");
  await ask(user, "dev-other");
  screen.getByRole("alertdialog", { name: "Remove your computer 9d27 f41c?" });
  expect(button("confirm-revoke").disabled).toBe(true);
  await user.type(screen.getByTestId("code-field"), "419877");
  expect(revoke).not.toHaveBeenCalled();
  await user.click(button("confirm-revoke"));
  expect(revoke).toHaveBeenCalledWith("dev-other", "It was left on a train.", "419877");
  await waitFor(() => expect(screen.getByTestId("computer-told").textContent).toBe("Removed. Nothing of it is open."));
  const other = within(screen.getByTestId("own-dev-other"));
  await other.findByText("Removed");
  expect(other.queryByRole("button")).toBeNull();
});

test("what the gateway did not hear is not said to be over", async () => {
  tell("settings-devices-removed");
  await waitFor(() =>
    expect(screen.getByTestId("computer-told").textContent).toMatch(/did not answer: what is open closes within 15 seconds/),
  );
});

test("a wrong code keeps the reason, and removes nothing", async () => {
  const user = userEvent.setup();
  tell("settings-devices");
  await ask(user, "dev-other");
  await user.type(screen.getByTestId("code-field"), "000000{Enter}");
  await screen.findByText(/That code is not right/);
  expect(screen.getByTestId<HTMLInputElement>("revoke-reason").value).toBe("It was left on a train.");
  screen.getByTestId("remove-dev-other");
});

test("whoever removes this computer is told so before, and is signed out", async () => {
  const user = userEvent.setup();
  tell("settings-devices-remove-here");
  const question = within(await screen.findByRole("alertdialog", { name: "Remove this computer?" }));
  question.getByText(/You are signed out here/);
  await user.type(screen.getByTestId("revoke-reason"), "I give it back.");
  await user.type(screen.getByTestId("code-field"), "419877{Enter}");
  await screen.findByTestId("sign-in");
});

test("a new computer removes no other, and says until when", async () => {
  tell("settings-devices-new");
  const other = await screen.findByTestId<HTMLButtonElement>("remove-dev-other");
  expect(other.disabled).toBe(true);
  within(screen.getAllByRole("listitem").find((one) => one.textContent?.includes("This computer")) ?? document.body).getByText(
    /removes no other of your computers before/,
  );
});

test("nothing is removed that is not known to be theirs, or is removed already", async () => {
  tell("settings-devices-not-theirs");
  const strange = within(await screen.findByTestId("own-dev-strange"));
  strange.getByText(/could not check that it is yours/);
  expect(strange.queryByRole("button")).toBeNull();
});

test("when the list does not come it says so, and can be loaded again", async () => {
  const user = userEvent.setup();
  const backend = tell("settings-devices-failed");
  const load = vi.spyOn(backend, "ownDevices");
  const fault = within(
    (await screen.findByText(/The broker does not answer/)).closest<HTMLElement>("[data-testid=fault]") ?? document.body,
  );
  await user.click(fault.getByRole("button", { name: "Try again" }));
  expect(load).toHaveBeenCalled();
});
