import { expect, test } from "vitest";
import { warningOf } from "./warnings";

const HOUR = 3600;

test("ten, five and one minute before the end there is a warning", () => {
  const seen = [601, 600, 301, 300, 61, 60, 1, 0].map((left) => warningOf(left, HOUR, null));
  expect(seen).toEqual([null, 10, 10, 5, 5, 1, 1, null]);
});

test("one that was put away stays away until the next", () => {
  expect(warningOf(500, HOUR, 10)).toBeNull();
  expect(warningOf(300, HOUR, 10)).toBe(5);
});

test("a Session of ten minutes is not warned of before its last five", () => {
  expect([600, 301, 300, 60].map((left) => warningOf(left, 600, null))).toEqual([null, null, 5, 1]);
  expect([300, 60].map((left) => warningOf(left, 300, null))).toEqual([null, 1]);
  expect(warningOf(599, 601, null)).toBe(10);
});
