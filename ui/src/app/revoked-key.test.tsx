import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { tell } from "./story";

test("a person whose key was revoked reads who did it and what follows, and makes another one", async () => {
  const user = userEvent.setup();
  const backend = tell("key-revoked");
  const made = vi.spyOn(backend, "newKey");
  const page = within(await screen.findByTestId("key-revoked"));
  page.getByText(/^Ben Okafor, /);
  page.getByText("The laptop was left on a train.");
  page.getByText(/the old one is destroyed/);
  page.getByText(/signed out, and sign in again/);
  page.getByText(/as with any further computer/);
  expect(screen.queryByTestId("enter-code")).toBeNull();
  expect(made).not.toHaveBeenCalled();
  await user.click(screen.getByTestId("new-key"));
  expect(made).toHaveBeenCalledTimes(1);
  await screen.findByTestId("sign-in");
  expect(screen.queryByTestId("new-key")).toBeNull();
});

test("one that fails says so, and can be made again", async () => {
  const user = userEvent.setup();
  const backend = tell("key-revoked");
  vi.spyOn(backend, "newKey").mockRejectedValueOnce(new Error("no"));
  await user.click(await screen.findByTestId("new-key"));
  await screen.findByTestId("fault");
  await user.click(screen.getByTestId("new-key"));
  await screen.findByTestId("sign-in");
});

test.each(["key-not-proven", "settings-key-not-proven"])("%s offers no new key for what a server merely says", async (story) => {
  tell(story);
  const note = within(await screen.findByTestId("key-not-proven"));
  note.getByText(/found no proof of that, so its key stays/);
  note.getByText(/no revocation of this computer’s key/);
  expect(screen.queryByTestId("new-key")).toBeNull();
});

test("it is looked for again where a person asks", async () => {
  const user = userEvent.setup();
  const backend = tell("key-not-proven");
  const note = within(await screen.findByTestId("key-not-proven"));
  const state = vi.spyOn(backend, "state");
  await user.click(note.getByRole("button", { name: "Try again" }));
  expect(state).toHaveBeenCalled();
});
