import { expect, test } from "vitest";
import type { SessionView } from "../../generated/bindings";
import { fits } from "./lists";

const session: SessionView = {
  id: "S-1",
  organization: { id: "kinloch-hotels", name: "Kinloch Hotels" },
  name: "Rui Tanaka",
  approvers: [],
  scope: "read",
  reason: "maintenance",
  ticket: "KP-48213",
  openedAt: 1000,
  endsAt: 9000,
  endedAt: 1600,
  endedBy: null,
  exchanges: 1,
  writes: 0,
  refused: 0,
  activity: "v",
  due: false,
  review: "",
  findings: { stop: 0, look: 1, note: 0 },
};

test.each([
  ["person", "tanaka", "mara"],
  ["ticket", "kp-48213", "kp-48"],
  ["reason", "maintenance", "legal-disclosure"],
  ["length", ">10", ">11"],
  ["length", "<10", "<9"],
  ["finding", "any", "none"],
  ["finding", "look", "stop"],
  ["review", "open", "reviewed"],
  ["changes", "no", "yes"],
])("%s:%s fits where %s does not", (key, yes, no) => {
  expect(fits([`${key}:${yes}`], session)).toBe(true);
  expect(fits([`${key}:${no}`], session)).toBe(false);
  if (key !== "length") expect(fits([`${key}:!${yes}`], session)).toBe(false);
});

test("of one key any value may fit, of several keys each has to", () => {
  expect(fits(["finding:stop", "finding:look"], session)).toBe(true);
  expect(fits(["finding:look", "changes:yes"], session)).toBe(false);
});
