import { expect, test } from "vitest";
import { rosette } from "./rosette";

test("a root has one seal, and one changed letter gives another", () => {
  expect(rosette("9f3ac17e", 74)).toBe(rosette("9f3ac17e", 74));
  expect(rosette("9f3ac17e", 74)).not.toBe(rosette("9f3ac17f", 74));
});
