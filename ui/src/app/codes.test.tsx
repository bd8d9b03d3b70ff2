import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

test("recovery codes stay over whatever page comes next until they are put away", async () => {
  const user = userEvent.setup();
  tell("second-factor");
  await screen.findByTestId("totp-secret");
  await user.type(screen.getByTestId("code-field"), "419877");
  await user.click(button("confirm-second-factor"));
  const codes = await screen.findByTestId("recovery-codes");
  expect(within(codes).getAllByRole("listitem").length).toBe(10);
  expect(button("codes-done").disabled).toBe(true);
  await user.keyboard("{Escape}");
  screen.getByTestId("recovery-codes");
  await user.click(screen.getByTestId("codes-are-safe"));
  await user.click(button("codes-done"));
  await waitFor(() => expect(screen.queryByTestId("recovery-codes")).toBeNull());
  await screen.findByTestId("nav-access");
});

test("whoever lost the app replaces it from the sign-in with a recovery code", async () => {
  const user = userEvent.setup();
  const backend = tell("code");
  const [replace, confirm] = [vi.spyOn(backend, "replaceSecondFactor"), vi.spyOn(backend, "confirmSecondFactor")];
  await user.click(await screen.findByTestId("lost-app"));
  await user.type(screen.getByTestId("replace-code"), "9gqy-7enw-5ckt-3ahr");
  await user.click(button("begin-replace"));
  await screen.findByTestId("totp-secret");
  expect(replace).toHaveBeenCalledWith("9gqy-7enw-5ckt-3ahr");
  const question = within(screen.getByRole("dialog"));
  await user.type(question.getByTestId("code-field"), "419877");
  await user.keyboard("{Enter}");
  await screen.findByTestId("recovery-codes");
  expect(confirm).toHaveBeenCalledWith("419877");
});

test("a refused recovery code is told, and nothing else is shown", async () => {
  const user = userEvent.setup();
  const backend = tell("code");
  const fault = { code: "fresh-sign-in-needed", message: "This takes a sign-in of the last ten minutes.", next: "Sign in again." };
  vi.spyOn(backend, "replaceSecondFactor").mockRejectedValue(new Fault(fault));
  await user.click(await screen.findByTestId("lost-app"));
  await user.type(screen.getByTestId("replace-code"), "9gqy-7enw-5ckt-3ahr{Enter}");
  expect((await screen.findByTestId("fault")).textContent).toContain("last ten minutes");
  expect(screen.queryByTestId("totp-secret")).toBeNull();
});

test("after a reset, an old sign-in is told to sign in again and can", async () => {
  const user = userEvent.setup();
  const backend = tell("second-factor-reset");
  const signOut = vi.spyOn(backend, "signOut");
  await user.click(await screen.findByTestId("sign-in-again"));
  expect(signOut).toHaveBeenCalledTimes(1);
});

test("one's own codes say how many are left and when a new app counts, and new ones take a code", async () => {
  const user = userEvent.setup();
  const backend = tell("access-new-app");
  const make = vi.spyOn(backend, "makeRecoveryCodes");
  await user.click(await screen.findByTestId("nav-settings"));
  await user.click(await screen.findByTestId("codes"));
  expect(screen.getByTestId("codes-left").textContent).toBe("9 recovery codes left.");
  screen.getByText(/count for signatures in 30 minutes/);
  expect(button("make-codes").disabled).toBe(true);
  await user.type(screen.getByTestId("code-field"), "419877");
  await user.click(button("make-codes"));
  await screen.findByTestId("recovery-codes");
  expect(make).toHaveBeenCalledWith("419877");
});

test("an administrator resets somebody's codes for a reason and with a code for exactly that", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-enrol");
  const reset = vi.spyOn(backend, "resetFactor");
  await user.click(await screen.findByText("Computers that were let in"));
  await user.click(within(await screen.findByTestId("computer-dev-mara")).getByTestId("reset-factor"));
  await user.type(screen.getByLabelText(/^Why/), "Lost.");
  const question = within(screen.getByRole("alertdialog"));
  await user.type(question.getByTestId("code-field"), "419877");
  expect(button("confirm-reset").disabled).toBe(true);
  await user.type(screen.getByLabelText(/^Why/), " I saw her face.");
  await user.click(button("confirm-reset"));
  await waitFor(() => expect(reset).toHaveBeenCalledWith(expect.stringContaining("mara"), "Lost. I saw her face.", "419877"));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
});
