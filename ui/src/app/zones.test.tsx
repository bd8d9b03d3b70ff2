import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { preferences } from "../parts/preferences";
import { words } from "../parts/words";
import { tell } from "./story";

// Before anything looks at the zone: five hours behind UTC in November.
vi.hoisted(() => void (process.env.TZ = "America/New_York"));

const HOURS_BEHIND = 5;
const two = (number: number) => String(number).padStart(2, "0");
const clock = () => screen.getByTestId("clock");
const shown = async () => {
  await screen.findByTestId("zone");
  await waitFor(() => expect(document.querySelectorAll("main time").length).toBeGreaterThan(1));
};

/** Moments of the page whose hour is not the one of that zone. */
function strangers(behind: number): string[] {
  return [...document.querySelectorAll("main time")].flatMap((time) => {
    const hour = /(\d\d):(\d\d)/.exec(time.textContent ?? "");
    const at = new Date(new Date(time.getAttribute("datetime") ?? "").getTime() - behind * 3_600_000);
    const fits = !hour || hour[0] === `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
    return fits ? [] : [`${time.textContent} is ${time.getAttribute("datetime")}`];
  });
}

test.each(["log", "log-entries", "log-checkpoints", "log-broken", "replay", "replay-live", "replay-destroyed", "replay-marks-open"])(
  "%s shows this computer's time, and all of it in UTC when that is chosen",
  async (story) => {
    const user = userEvent.setup();
    tell(story);
    await shown();
    expect(strangers(HOURS_BEHIND)).toEqual([]);
    expect(screen.getByRole<HTMLInputElement>("radio", { name: words.time.zones.local }).checked).toBe(true);
    expect(clock().textContent).not.toContain("UTC");
    await user.click(screen.getByTestId("zone-utc"));
    expect(strangers(0)).toEqual([]);
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "UTC" }).checked).toBe(true);
    expect(clock().textContent).toMatch(/^\d\d:\d\d:\d\d UTC$/);
    await user.click(screen.getByTestId("zone-local"));
    expect(strangers(HOURS_BEHIND)).toEqual([]);
  },
);

test("whoever rests on a moment reads it in the other zone", async () => {
  const user = userEvent.setup();
  tell("log-entries");
  await shown();
  const moment = () => document.querySelector("main td time") as HTMLElement;
  expect([moment().textContent, moment().title]).toEqual([expect.stringContaining("09:32:07"), "24 Nov 2026, 14:32:07 UTC"]);
  await user.click(screen.getByTestId("zone-utc"));
  expect([moment().textContent, moment().title]).toEqual([
    expect.stringContaining("14:32:07"),
    "24 Nov 2026, 09:32:07, this computer’s time",
  ]);
});

test("columns, the head of a replay and its clock say that they are in UTC", async () => {
  tell("log-entries-utc");
  await screen.findByRole("columnheader", { name: "Time, UTC" });
  cleanup();
  tell("replay-utc");
  await waitFor(() => expect(screen.getByTestId("replay-moment").textContent).toMatch(/^13:1\d:\d\d UTC$/));
  expect(document.querySelector("header")?.textContent).toContain("13:12 to 14:00 UTC");
});

test("the timeline of a replay is spoken and hovered over in the same zone", async () => {
  const user = userEvent.setup();
  tell("replay");
  const slider = await screen.findByRole("slider");
  const read = () => {
    fireEvent.pointerMove(slider, { clientX: 1 });
    return [slider.getAttribute("aria-valuetext"), screen.getByTestId("hover").textContent].map(
      (one) => /\d\d:\d\d:\d\d/.exec(one ?? "")?.[0],
    );
  };
  for (const time of read()) expect(time).toMatch(/^08:1/);
  await user.click(screen.getByTestId("zone-utc"));
  for (const time of read()) expect(time).toMatch(/^13:1/);
});

test("arrows at the switch choose a zone and do not move the replay", async () => {
  const user = userEvent.setup();
  tell("replay");
  const before = (await screen.findByTestId("replay-time")).textContent;
  screen.getByRole("radio", { name: words.time.zones.local }).focus();
  await user.keyboard("{ArrowRight}");
  expect(preferences().zone).toBe("utc");
  expect(screen.getByTestId("replay-time").textContent).toBe(before);
});

test("the choice is kept on this computer for both pages, and for no other", async () => {
  const user = userEvent.setup();
  tell("log");
  await user.click(await screen.findByTestId("zone-utc"));
  cleanup();
  tell("replay");
  await shown();
  expect(strangers(0)).toEqual([]);
  cleanup();
  tell("sessions");
  await waitFor(() => expect(document.querySelector("main time")).toBeTruthy());
  expect(screen.queryByTestId("zone")).toBeNull();
  expect(clock().textContent).not.toContain("UTC");
  expect(strangers(HOURS_BEHIND)).toEqual([]);
});

test("what else stands in the memory of a computer is no zone", () => {
  window.localStorage.setItem("preferences", JSON.stringify({ zone: "Mars" }));
  expect(preferences().zone).toBe("local");
});

test("what is copied of an entry is the same in both", async () => {
  const user = userEvent.setup();
  const copied: string[] = [];
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void copied.push(text));
  tell("log-entries");
  const button = async (name: string | RegExp) => within(await screen.findByTestId("entry")).findByRole("button", { name });
  const copy = async () => user.click(await button(new RegExp(`${words.log.copyEntry}|${words.fault.copied}`)));
  await copy();
  await button(words.fault.copied);
  await user.click(screen.getByTestId("zone-utc"));
  await copy();
  expect(copied[0]).toContain("atMs");
  expect(copied[1]).toBe(copied[0]);
  // Of another entry nothing is copied yet.
  await user.click(document.querySelectorAll<HTMLElement>("main tbody .entry-open")[1] as HTMLElement);
  await button(words.log.copyEntry);
});
