import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { words } from "../parts/words";
import { tell } from "./story";

const say = words.settings.notify;
const kinds = ["waits", "decided", "endsSoon", "ended"] as const;
const box = (kind: string) => within(screen.getByTestId(`notify-${kind}`)).getByRole<HTMLInputElement>("switch");
const known = () => screen.findByTestId("notify-waits");
const on = () => kinds.filter((kind) => box(kind).checked);

test("each kind is shown as it was chosen, and one that is turned off is kept", async () => {
  const user = userEvent.setup();
  const backend = tell("settings-notifications");
  const kept = vi.spyOn(backend, "setNotifications");
  await known();
  expect(on()).toEqual(["waits", "endsSoon"]);
  await user.click(box("waits"));
  expect(kept).toHaveBeenLastCalledWith({ waits: false, decided: false, endsSoon: true, ended: false });
  box("ended").focus();
  await user.keyboard(" ");
  expect(kept).toHaveBeenLastCalledWith({ waits: false, decided: false, endsSoon: true, ended: true });
  expect(on()).toEqual(["endsSoon", "ended"]);
  expect(await backend.notifications()).toEqual({ waits: false, decided: false, endsSoon: true, ended: true });
});

test("what nobody can turn off is no switch, and says why", async () => {
  tell("settings-notifications");
  for (const kind of ["breakGlass", "logBroken"] as const) {
    const line = await screen.findByTestId(`always-${kind}`);
    expect(line.textContent).toContain(`${say.always}${say.alarms[kind]} ${say.why[kind]}`);
    expect(within(line).queryByRole("switch")).toBeNull();
  }
  await waitFor(() => expect(within(screen.getByRole("region", { name: say.title })).getAllByRole("switch")).toHaveLength(5));
});

test("a choice that could not be kept holds, and is said", async () => {
  const user = userEvent.setup();
  tell("settings-notifications-not-kept");
  await known();
  await waitFor(() => expect(box("decided").checked).toBe(false));
  await screen.findByTestId("fault");
  await user.click(box("ended"));
  expect(on()).toEqual(["waits", "endsSoon"]);
});

test("what is not known cannot be changed, and alarms are said to be on", async () => {
  tell("settings-notifications-unknown");
  await screen.findByTestId("fault");
  expect(screen.queryByTestId("notify-waits")).toBeNull();
  screen.getByTestId("always-breakGlass");
});
