import type { Index, Span } from "./timeline";

const NARROWEST = 22;
const WIDEST = 34;

interface Piece extends Span {
  x: number;
  width: number;
}

export interface Scale {
  pieces: Piece[];
  x: (atMs: number) => number;
  atMs: (x: number) => number;
}

/** Time on a line of `width` points, with idle stretches drawn narrow. */
export function scaleOf(index: Index, width: number): Scale {
  const narrow = index.idle.map((span) => Math.min(WIDEST, Math.max(NARROWEST, (span.toMs - span.fromMs) / 15_000)));
  const idleMs = index.idle.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
  const idleWidth = Math.min(
    narrow.reduce((sum, one) => sum + one, 0),
    width / 2,
  );
  const shrink = idleWidth / (narrow.reduce((sum, one) => sum + one, 0) || 1);
  const perMs = (width - idleWidth) / Math.max(1, index.endMs - index.startMs - idleMs);
  const pieces: Piece[] = [];
  let at = index.startMs;
  let x = 0;
  const add = (toMs: number, wide: number) => {
    pieces.push({ fromMs: at, toMs, x, width: wide });
    at = toMs;
    x += wide;
  };
  index.idle.forEach((span, number) => {
    add(span.fromMs, (span.fromMs - at) * perMs);
    add(span.toMs, (narrow[number] ?? NARROWEST) * shrink);
  });
  add(index.endMs, (index.endMs - at) * perMs);
  return {
    pieces,
    x(time) {
      const piece = pieces.find((one) => time <= one.toMs) ?? pieces.at(-1);
      if (!piece) return 0;
      const part = (Math.max(piece.fromMs, Math.min(piece.toMs, time)) - piece.fromMs) / Math.max(1, piece.toMs - piece.fromMs);
      return piece.x + part * piece.width;
    },
    atMs(point) {
      const piece = pieces.find((one) => point <= one.x + one.width) ?? pieces.at(-1);
      if (!piece) return index.startMs;
      const part = Math.max(0, Math.min(1, (point - piece.x) / Math.max(0.001, piece.width)));
      return piece.fromMs + part * (piece.toMs - piece.fromMs);
    },
  };
}
