import type { RecordingView } from "../../generated/bindings";
import { joinPages } from "./timeline";

/** Something that was masked, wherever it stands. */
export interface Mark {
  /** The 16 digits that it shows. */
  digits: string;
  /** The rule that it was masked by. */
  rule: string;
  times: number;
  /** Where it stands first: on a page, when it stands on any, since what an answer holds is shown a little later. */
  atMs: number;
}

export type Piece = string | { digits: string; rule: string };

/** One signature opens so many, as the engine counts it. */
export const MOST_MARKS = 100;
/** As the gateway writes it; in fields of forms and in addresses it may be escaped. */
const MARK = /(?:\[|%5B)masked(?: |\+|%20)((?:[A-Za-z0-9_-]|[ +]|%20){1,96}?)(?: |\+|%20)([0-9a-f]{16})(?:\]|%5D)/g;
const plain = (rule: string) => rule.replace(/\+|%20/g, " ");

/** A text with its marks apart. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const one of text.matchAll(MARK)) {
    if (one.index > from) found.push(text.slice(from, one.index));
    found.push({ rule: plain(one[1] ?? ""), digits: one[2] ?? "" });
    from = one.index + one[0].length;
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}

/** When each mark is first to be seen on a page that is replayed. */
function seenOn(recording: RecordingView): Map<string, number> {
  const seen = new Map<string, number>();
  if (!recording.pages.some((page) => page.json.search(MARK) >= 0)) return seen;
  for (const event of joinPages(recording))
    for (const [, , digits = ""] of JSON.stringify(event.data ?? null).matchAll(MARK))
      if (!seen.has(digits)) seen.set(digits, event.timestamp);
  return seen;
}

/** Every mark of a Recording once, in the order in which they came up: in requests, in answers and on pages. */
export function marksOf(recording: RecordingView): Mark[] {
  const marks = new Map<string, Mark>();
  const look = (text: string | null, atMs: number) => {
    for (const [, rule = "", digits = ""] of (text ?? "").matchAll(MARK)) {
      const known = marks.get(digits);
      marks.set(
        digits,
        known ? { ...known, times: known.times + 1, atMs: Math.min(known.atMs, atMs) } : { digits, rule: plain(rule), times: 1, atMs },
      );
    }
  };
  for (const one of recording.exchanges) for (const text of [one.path, one.requestBody, one.body]) look(text, one.atMs);
  for (const page of recording.pages) look(page.json, page.atMs);
  const seen = seenOn(recording);
  return [...marks.values()].map((one) => ({ ...one, atMs: seen.get(one.digits) ?? one.atMs })).sort((a, b) => a.atMs - b.atMs);
}
