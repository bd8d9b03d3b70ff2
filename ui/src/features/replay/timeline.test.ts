import { expect, test } from "vitest";
import type { ExchangeView, RecordingView } from "../../generated/bindings";
import { scaleOf } from "./scale";
import { advance, current, idleOf, indexOf, joinPages, placeOf } from "./timeline";

const START = 1_000_000;

const exchange = (over: Partial<ExchangeView>): ExchangeView => ({
  number: 0,
  atMs: START,
  method: "GET",
  path: "/o/delmar/people",
  status: 200,
  bodyBytes: 10,
  tookMs: 5,
  write: false,
  refused: "",
  cut: "",
  contentType: "text/html",
  body: null,
  requestBody: null,
  socketMessages: 0,
  ...over,
});
const page = (name: string, times: number[], event: object = { type: 3, data: { source: 1 } }) => ({
  page: name,
  atMs: times[0] ?? 0,
  events: times.length,
  json: JSON.stringify(times.map((timestamp) => ({ timestamp, ...event }))),
});
const recording = (over: Partial<RecordingView>): RecordingView => ({
  startedMs: START,
  endedMs: START + 600_000,
  live: false,
  exchanges: [],
  pages: [],
  gaps: [],
  resources: [],
  check: "checks-out",
  detail: "",
  ...over,
});

test("what a request did decides its lane", () => {
  const index = indexOf(
    recording({
      exchanges: [
        exchange({ number: 0 }),
        exchange({ number: 1, write: true, method: "PUT", path: "/o/delmar/people/511/bank" }),
        exchange({ number: 2, contentType: "text/csv", path: "/o/delmar/export/people.csv" }),
        exchange({ number: 3, refused: "another Organization" }),
      ],
    }),
    "delmar",
  );
  expect(index.moments.map((one) => one.kind)).toEqual(["viewed", "changed", "took-out", "refused"]);
  expect(index.moments[1]?.title).toBe("Changed 511/bank");
  expect(index.moments[3]?.title).toBe("Refused: another Organization");
});

test("typing is one event for a burst, and its text is never shown", () => {
  const index = indexOf(
    recording({ pages: [page("a", [START, START + 100, START + 300, START + 9000], { type: 3, data: { source: 5, text: "secret" } })] }),
    "delmar",
  );
  expect(index.moments.map((one) => one.atMs)).toEqual([START, START + 9000]);
  expect(JSON.stringify(index.moments)).not.toContain("secret");
});

test("idle is a stretch with no event of any kind", () => {
  expect(idleOf([START + 60_000], START, START + 70_000, [])).toEqual([{ fromMs: START + 1000, toMs: START + 59_000 }]);
  const byRequests = Array.from({ length: 60 }, (_, at) => START + at * 10_000);
  expect(idleOf(byRequests, START, START + 600_000, [])).toEqual([]);
});

test("what is missing is never idle, so it is never skipped", () => {
  const missing = { fromMs: START + 20_000, toMs: START + 40_000 };
  expect(idleOf([START + 60_000], START, START + 61_000, [missing])).toEqual([]);
});

test("skipping jumps to the end of the idle stretch, at any speed, and only when asked", () => {
  const index = indexOf(recording({ exchanges: [exchange({}), exchange({ number: 1, atMs: START + 300_000 })] }), "delmar");
  expect(index.idle).toHaveLength(2);
  expect(advance(index, START, 1000, 2, true)).toBe(START + 299_000);
  expect(advance(index, START, 1000, 2, false)).toBe(START + 2000);
  expect(advance(index, START + 599_999, 5000, 8, true)).toBe(index.endMs);
});

test("the pages make one stream: a page is silent once the next one began", () => {
  const events = joinPages(recording({ pages: [page("b", [START + 50, START + 70]), page("a", [START, START + 40, START + 60])] }));
  expect(events.map((event) => event.timestamp - START)).toEqual([0, 40, 50, 70]);
});

test("an index survives pages that are not events", () => {
  expect(
    indexOf(recording({ pages: [{ page: "x", atMs: START, events: 1, json: '[null, 3, {"type": "a"}, {"timestamp": 5}]' }] }), "delmar")
      .events,
  ).toEqual([]);
});

test("the line is cut into stretches that can be read both ways, with idle ones narrow", () => {
  const index = indexOf(recording({ exchanges: [exchange({}), exchange({ number: 1, atMs: START + 300_000 })] }), "delmar");
  const scale = scaleOf(index, 700);
  const [idle] = index.idle;
  expect(scale.x(index.startMs)).toBe(0);
  expect(scale.x(index.endMs)).toBeCloseTo(700);
  expect(scale.x(idle?.toMs ?? 0) - scale.x(idle?.fromMs ?? 0)).toBeLessThanOrEqual(34);
  for (const atMs of [START, START + 150_000, START + 300_000, START + 599_500]) expect(scale.atMs(scale.x(atMs))).toBeCloseTo(atMs, -1);
});

test("the event under the playhead is the last that happened", () => {
  const index = indexOf(recording({ exchanges: [exchange({}), exchange({ number: 1, atMs: START + 5000 })] }), "delmar");
  expect(current(index.moments, START - 1)).toBeNull();
  expect(current(index.moments, START + 4999)?.key).toBe("x0");
  expect(current(index.moments, START + 5000)?.key).toBe("x1");
});

test("a place is named without the Organization", () => {
  expect(placeOf("/o/delmar/people/511/bank?x=1", "delmar")).toBe("511/bank");
  expect(placeOf("/o/delmar/", "delmar")).toBe("the start page");
  expect(placeOf("/assets/app.css", "delmar")).toBe("assets/app.css");
});

test("as many requests as a page can make do not break the index", () => {
  const exchanges = Array.from({ length: 200_000 }, (_, number) => exchange({ number, atMs: START + number }));
  const index = indexOf(recording({ exchanges, endedMs: START }), "delmar");
  expect(index.moments).toHaveLength(200_000);
  expect(index.endMs).toBe(START + 199_999 + 5);
});

test("a forged time of one page takes no other page off the record and stretches no clock", () => {
  const own = page("a", [START, START + 100_000]);
  const forged = { ...page("b", [0, START + 200_000]), atMs: START + 200_000 };
  const far = { ...page("c", [1e15]), atMs: START + 300_000 };
  const events = joinPages(recording({ pages: [own, forged, far] }));
  expect(events.slice(0, 2).map((event) => event.timestamp)).toEqual([START, START + 100_000]);
  expect(indexOf(recording({ pages: [own, forged, far] }), "x").endMs).toBeLessThanOrEqual(START + 660_000);
});

test("a page in a frame that nobody looked into is no page of the window, and one whose reports say nothing is told of", () => {
  const framed = page("b", [START + 50], { type: 5, data: { tag: "countersign-frame" } });
  const mute = { page: "c", atMs: START + 70, events: 2, json: '[{"nothing":true},{"nothing":true}]' };
  const index = indexOf(recording({ pages: [page("a", [START, START + 100]), framed, mute] }), "x");
  expect(index.events.map((event) => event.timestamp - START)).toEqual([0, 100]);
  expect(index.missing).toEqual([{ fromMs: START + 70, toMs: START + 70, detail: "a page reported nothing that can be shown" }]);
});
