import { expect, test } from "vitest";
import { rules } from "../../backend/fake/oversight";
import type { RequestForm } from "../../generated/bindings";
import { fitDuration, longestOf, wrongOf } from "./check";

const policy = { digest: "", rules };
const good: RequestForm = {
  organization: "kinloch-hotels",
  reason: "customer-reported-problem",
  ticket: "KP-48221",
  justification: "Two employees were paid holiday pay twice.",
  scope: "read",
  durationSeconds: 1800,
};

test("a good form can be signed", () => expect(wrongOf(good, policy)).toEqual({}));

test.each([
  ["ticket", { ticket: " " }],
  ["organization", { organization: "" }],
  ["justification", { justification: "nineteen characters" }],
  ["justification", { justification: "a".repeat(1001) }],
  ["scope", { scope: "administer" }],
  ["scope", { scope: "everything" }],
  ["duration", { durationSeconds: 14_400 }],
])("%s is wrong", (field, change) => expect(Object.keys(wrongOf({ ...good, ...change }, policy))).toEqual([field]));

test("the time follows when the scope allows less", () => {
  expect(fitDuration(7200, longestOf(policy, good.reason, "read-write"))).toBe(3600);
  expect(fitDuration(900, 3600)).toBe(900);
});
