import { expect, test } from "vitest";
import { farOf, spanOf, ticksOf } from "./ages";

test("what is newer stands further, now at the end, and the oldest is on the line", () => {
  const span = spanOf([12, 660, 5400]);
  expect(farOf(0, span)).toBe(1);
  const [new1, older, oldest] = [farOf(12, span), farOf(660, span), farOf(5400, span)];
  expect(new1).toBeGreaterThan(older);
  expect(older).toBeGreaterThan(oldest);
  expect(oldest).toBeGreaterThan(0.1);
});

test("a clock that runs ahead and an age beyond the line stay on it", () => {
  expect(farOf(-5, 3600)).toBe(1);
  expect(farOf(1e12, 3600)).toBe(0);
});

test("only what lies on the line is named", () => {
  expect(ticksOf(spanOf([]))).toEqual([0, 3600]);
  expect(ticksOf(spanOf([4 * 86_400]))).toEqual([0, 3600, 86_400]);
});
