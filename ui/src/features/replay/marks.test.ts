import { expect, test } from "vitest";
import type { ExchangeView, RecordingView } from "../../generated/bindings";
import { marksOf, pieces } from "./marks";

const [EMAIL, BORN] = ["7f3a91c2d0b4e6f8", "b81d5530f4c2996e"];

test("a text falls into what was kept and what was masked", () => {
  expect(pieces(`a [masked e-mail ${EMAIL}] b[masked date of birth ${BORN}]`)).toEqual([
    "a ",
    { rule: "e-mail", digits: EMAIL },
    " b",
    { rule: "date of birth", digits: BORN },
  ]);
  expect(pieces(`q=%5Bmasked+date+of+birth+${BORN}%5D&x=1`)).toEqual(["q=", { rule: "date of birth", digits: BORN }, "&x=1"]);
  expect(pieces(`/%5Bmasked%20e-mail%20${EMAIL}%5D`)).toEqual(["/", { rule: "e-mail", digits: EMAIL }]);
  expect(pieces("")).toEqual([]);
});

test("what is no mark stays text, however it begins", () => {
  for (const text of [
    "[masked e-mail 7f3a91c2d0b4e6f]",
    "[masked e-mail 7f3a91c2d0b4e6f88]",
    "[masked e-mail 7F3A91C2D0B4E6F8]",
    `[masked <b> ${EMAIL}]`,
    `[masked ${EMAIL}]`,
    "[left out: it cannot be masked]",
  ])
    expect(pieces(text)).toEqual([text]);
});

test("a text that only looks like many marks takes no time", () => {
  const started = performance.now();
  pieces("[masked a ".repeat(200_000));
  pieces(`[masked ${"a ".repeat(400_000)}`);
  expect(performance.now() - started).toBeLessThan(2000);
});

test("each mark of a recording stands once, with how often and where first", () => {
  const exchange = (atMs: number, over: Partial<ExchangeView>) =>
    ({ atMs, path: "/", body: null, requestBody: null, ...over }) as ExchangeView;
  const recording = {
    exchanges: [
      exchange(300, { body: `{"x": "[masked e-mail ${EMAIL}]"}` }),
      exchange(200, { requestBody: `[masked e-mail ${EMAIL}]`, path: `/a?b=[masked date of birth ${BORN}]` }),
    ],
    pages: [{ page: "p", atMs: 100, events: 1, json: `[{"text":"[masked date of birth ${BORN}] and [masked date of birth ${BORN}]"}]` }],
  } as unknown as RecordingView;
  expect(marksOf(recording)).toEqual([
    { digits: BORN, rule: "date of birth", times: 3, atMs: 100 },
    { digits: EMAIL, rule: "e-mail", times: 2, atMs: 200 },
  ]);
});

test("a mark is gone to where its page shows it, not to the answer that held it before", () => {
  const shown = (atMs: number, text: string, ...apart: object[]) => ({
    page: `p${atMs}`,
    atMs,
    events: 1,
    json: JSON.stringify([...apart, { type: 2, timestamp: atMs + 40, data: { node: text } }]),
  });
  const [email, born] = [`[masked e-mail ${EMAIL}]`, `[masked date of birth ${BORN}]`];
  const recording = {
    endedMs: 5000,
    exchanges: [{ atMs: 900, path: "/", requestBody: null, body: `${email} ${born}` }],
    pages: [
      shown(1000, "nothing"),
      shown(2000, email),
      shown(3000, email),
      shown(4000, born, { type: 5, timestamp: 4000, data: { tag: "countersign-frame" } }),
    ],
  } as unknown as RecordingView;
  const first = Object.fromEntries(marksOf(recording).map((one) => [one.digits, one.atMs]));
  // A frame that no page shows: the answer is all there is to go to.
  expect(first).toEqual({ [EMAIL]: 2040, [BORN]: 900 });
});
