import { expect, test } from "vitest";
import { ago, bytes, countdown, duration, exactly, initials, thousands, utcTimes } from "./format";

test.each([
  [40, "40 s"],
  [900, "15 min"],
  [3600, "1 h"],
  [4980, "83 min"],
  [6720, "1 h 52 min"],
  [14_400, "4 h"],
  [7440, "2 h 04 min"],
])("%i seconds are %s", (seconds, said) => expect(duration(seconds)).toBe(said));

test.each([
  [1421, "23:41"],
  [59.2, "1:00"],
  [59, "0:59"],
  [0.4, "0:01"],
  [0, "0:00"],
  [-9, "0:00"],
  [3600, "1:00:00"],
  [6142, "1:42:22"],
])("%f seconds are left as %s", (seconds, said) => expect(countdown(seconds)).toBe(said));

test.each([
  [12, "12 s ago"],
  [240, "4 min ago"],
  [0.5, "now"],
  [3700, "1 h ago"],
  [90_000, "25 h ago"],
  [200_000, "2 days ago"],
])("%f seconds past are %s", (seconds, said) => expect(ago(seconds)).toBe(said));

test("numbers, sizes and names", () => {
  expect(thousands(4_812_907)).toBe("4,812,907");
  expect([bytes(96), bytes(186_000), bytes(3_400_000)]).toEqual(["96 B", "186 KB", "3.4 MB"]);
  expect([initials("Mara Lindqvist"), initials("Ines"), initials("")]).toEqual(["ML", "I", ""]);
});

test.each([
  [1859, "30 min 59 s"],
  [1800, "30 min"],
  [7201, "2 h 1 s"],
  [59, "59 s"],
])("%i seconds are signed as %s", (seconds, said) => expect(exactly(seconds)).toBe(said));

test("a day begins at midnight of the zone that is shown", () => {
  const midnight = Date.UTC(2026, 10, 24) / 1000;
  const { clock, clockSeconds, onDay, when, whenShort, whole } = utcTimes;
  expect([clock(midnight + 60), clockSeconds(midnight - 1), onDay(midnight - 1)]).toEqual(["00:01", "23:59:59", "Mon 23 Nov"]);
  expect(when(midnight, midnight + 3600)).toBe("Today 00:00");
  expect(when(midnight - 1, midnight + 3600)).toBe("Yesterday 23:59");
  expect(when(midnight - 86_401, midnight + 3600)).toBe("Sun 22 Nov 23:59");
  expect(when(midnight + 86_400, midnight + 3600)).toBe("Tomorrow 00:00");
  expect(when(midnight + 2 * 86_400, midnight + 3600)).toBe("Thu 26 Nov 00:00");
  expect([whenShort(midnight, midnight + 3600), whenShort(midnight - 60, midnight)]).toEqual(["00:00", "Yesterday 23:59"]);
  expect(whenShort(midnight + 86_460, midnight + 3600)).toBe("Tomorrow 00:01");
  expect([when(midnight, midnight, "inside"), whenShort(midnight - 60, midnight, "inside")]).toEqual(["today 00:00", "yesterday 23:59"]);
  expect(whole(midnight)).toBe("24 Nov 2026, 00:00:00 UTC");
});
