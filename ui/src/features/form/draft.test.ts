import { expect, test, vi } from "vitest";
import { forgetDraft, keepDraft, readDraft } from "./draft";

const form = { organization: "o", reason: "maintenance", ticket: "KP-1", justification: "why", scope: "read", durationSeconds: 900 };
const HOUR = 3_600_000;

test("a draft is kept for a day on this computer, with the link that it belongs to", () => {
  const now = vi.spyOn(Date, "now").mockReturnValue(0);
  keepDraft(form, "ticket=KP-1");
  now.mockReturnValue(24 * HOUR - 1);
  expect(readDraft()).toEqual({ at: 0, form, link: "ticket=KP-1" });
  now.mockReturnValue(24 * HOUR);
  expect(readDraft()).toBeNull();
  now.mockReturnValue(1);
  forgetDraft();
  expect(readDraft()).toBeNull();
  now.mockRestore();
});

test("what else stands in the place of a draft is none", () => {
  window.localStorage.setItem("request-draft", "{not JSON");
  expect(readDraft()).toBeNull();
});
