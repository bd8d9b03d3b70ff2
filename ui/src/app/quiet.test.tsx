import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { QuietHours } from "../features/settings/QuietHours";
import { words } from "../parts/words";
import { tell } from "./story";

const say = words.settings.notify.quiet;
const choice = async () => within(await screen.findByTestId("quiet-hours")).getByRole<HTMLInputElement>("switch");
const time = (which: "from" | "until") => screen.getByTestId<HTMLSelectElement>(`quiet-${which}`);
const said = () => screen.getByTestId("quiet-said").textContent;

test("hours that are kept are shown by the clock, over midnight as the next day", async () => {
  tell("settings-quiet-hours");
  expect((await choice()).checked).toBe(true);
  expect([time("from").selectedOptions[0]?.text, time("until").selectedOptions[0]?.text]).toEqual(["22:00", "07:00"]);
  expect(said()).toBe(say.said("22:00", "07:00", true));
  screen.getByLabelText(say.from);
  screen.getByLabelText(say.until);
});

test("without any there are no fields; turned on they are a night, turned off they are none", async () => {
  const user = userEvent.setup();
  const backend = tell("settings-notifications");
  const kept = vi.spyOn(backend, "setNotifications");
  const others = await backend.notifications();
  expect((await choice()).checked).toBe(false);
  expect(screen.queryByTestId("quiet-from")).toBeNull();
  await user.click(await choice());
  expect(kept).toHaveBeenLastCalledWith({ ...others, quiet: { from: 1320, until: 420 } });
  await user.click(await choice());
  expect(kept).toHaveBeenLastCalledWith({ ...others, quiet: { from: 0, until: 0 } });
  expect(screen.queryByTestId("quiet-from")).toBeNull();
});

test("each time is kept when it is chosen, beside what else is wanted", async () => {
  const user = userEvent.setup();
  const backend = tell("settings-quiet-hours");
  const kept = vi.spyOn(backend, "setNotifications");
  const others = await backend.notifications();
  await choice();
  await user.selectOptions(time("from"), "12:30");
  expect(kept).toHaveBeenLastCalledWith({ ...others, quiet: { from: 750, until: 420 } });
  await user.selectOptions(time("until"), "14:00");
  expect(kept).toHaveBeenLastCalledWith({ ...others, quiet: { from: 750, until: 840 } });
  expect(said()).toBe(say.said("12:30", "14:00", false));
  expect(await backend.notifications()).toEqual({ ...others, quiet: { from: 750, until: 840 } });
});

test("two times that are the same are no hours, and it says so beside the fields", async () => {
  tell("settings-quiet-hours-same");
  await waitFor(() => expect(said()).toBe(say.same));
  expect((await choice()).checked).toBe(true);
});

test("a time that stands in no list is shown as it is kept", async () => {
  render(<QuietHours hours={{ from: 1330, until: 420 }} onChange={() => {}} />);
  expect(time("from").selectedOptions[0]?.text).toBe("22:10");
  expect(said()).toBe(say.said("22:10", "07:00", true));
});
