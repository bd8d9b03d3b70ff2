import { useEffect, useState } from "react";

/** No list draws more rows than this at a time. */
export const ROWS = 200;
const STEP = 150;

export interface Rows<T> {
  shown: T[];
  earlier: number;
  later: number;
  goEarlier: () => void;
  goLater: () => void;
}

/** A stretch of a list of any length, around the row `at`; -1 is nowhere. */
export function useRows<T>(all: T[], at: number): Rows<T> {
  const [from, setFrom] = useState(0);
  useEffect(() => {
    if (at >= 0) setFrom((old) => (at < old || at >= old + ROWS ? Math.max(0, at - ROWS / 2) : old));
  }, [at]);
  const start = Math.max(0, Math.min(from, all.length - ROWS));
  return {
    shown: all.slice(start, start + ROWS),
    earlier: start,
    later: Math.max(0, all.length - start - ROWS),
    goEarlier: () => setFrom(Math.max(0, start - STEP)),
    goLater: () => setFrom(start + STEP),
  };
}
