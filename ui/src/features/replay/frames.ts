import type { Index } from "./timeline";

/** What changes the picture: a whole page, a change of it, or its size. */
const DRAWN = new Set([2, 3, 4]);

/** Where the picture after this moment is, or the one before it; nothing where there is none. */
export function frameAt(index: Index, atMs: number, by: 1 | -1): number | null {
  const drawn = index.events.filter((one) => DRAWN.has(one.type)).map((one) => one.timestamp);
  const next = by > 0 ? drawn.find((time) => time > atMs) : drawn.findLast((time) => time < atMs);
  return next === undefined || next < index.startMs || next > index.endMs ? null : next;
}
