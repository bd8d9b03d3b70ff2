import { expect, test } from "vitest";
import type { ExchangeView, RecordingView } from "../../generated/bindings";
import { isNews, withPart } from "./live";

const nothing: RecordingView = {
  startedMs: 0,
  endedMs: 0,
  live: true,
  exchanges: [],
  pages: [],
  gaps: [],
  resources: [],
  check: "running",
  detail: "",
};
const exchange = (number: number, status: number) => ({ number, status }) as ExchangeView;
const page = (name: string, events: unknown[]) => ({ page: name, atMs: 1, events: events.length, json: JSON.stringify(events) });

test("an exchange that goes on is taken anew, in its place", () => {
  const first = withPart(null, { ...nothing, startedMs: 5, endedMs: 6, exchanges: [exchange(0, 200), exchange(1, 0)] });
  const both = withPart(first, { ...nothing, startedMs: 5, endedMs: 9, exchanges: [exchange(2, 200), exchange(1, 404)] });
  expect(both.exchanges.map((one) => [one.number, one.status])).toEqual([
    [0, 200],
    [1, 404],
    [2, 200],
  ]);
  expect([both.startedMs, both.endedMs]).toEqual([5, 9]);
});

test("a page's events stand behind those of before, once each", () => {
  const parts = [page("a", [1, 2]), page("b", []), page("a", [3]), page("a", []), page("b", [4])];
  const all = parts.reduce<RecordingView | null>((before, one) => withPart(before, { ...nothing, pages: [one] }), null);
  expect(all?.pages.map((one) => [one.page, one.events, JSON.parse(one.json)])).toEqual([
    ["a", 3, [1, 2, 3]],
    ["b", 1, [4]],
  ]);
});

test("gaps stay", () => {
  const gap = { atMs: 1, untilMs: 2, detail: "Frames 0 to 1 never came." };
  const all = withPart(withPart(null, { ...nothing, gaps: [gap] }), nothing);
  expect(all.gaps).toEqual([gap]);
  expect([isNews(nothing), isNews({ ...nothing, gaps: [gap] })]).toEqual([false, true]);
});

test("of a picture that came again the last one is shown", () => {
  const picture = (address: string, data: string) => ({ address, data });
  const first = withPart(null, { ...nothing, resources: [picture("a", "1"), picture("b", "1")] });
  const both = withPart(first, { ...nothing, resources: [picture("a", "2")] });
  expect(both.resources).toEqual([picture("b", "1"), picture("a", "2")]);
  expect(isNews({ ...nothing, resources: [picture("a", "2")] })).toBe(true);
});
