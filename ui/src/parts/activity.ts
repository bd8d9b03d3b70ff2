export type Kind = "viewed" | "typed" | "live" | "changed" | "took-out" | "refused";

export interface Tick {
  /** 0 at the start of the Session, 1 at its end. */
  at: number;
  kind: Kind;
}

const letters: Record<string, Kind> = { v: "viewed", i: "typed", s: "live", c: "changed", r: "refused" };
export const heights: Record<Kind, number> = { viewed: 0.42, typed: 0.62, live: 0.3, changed: 1, "took-out": 1, refused: 0.8 };
export const colours: Record<Kind, string> = {
  viewed: "var(--viz-read)",
  typed: "var(--viz-input)",
  changed: "var(--viz-write)",
  live: "var(--viz-ok)",
  "took-out": "var(--viz-export)",
  refused: "var(--viz-admin)",
};

/**
 * Reads a Session's activity: one letter an event or a run of them, in order; an unknown letter is an empty place.
 */
export function ticksOf(activity: string): Tick[] {
  return [...activity].flatMap((letter, slot) => {
    const kind = letters[letter];
    return kind ? [{ at: (slot + 0.5) / activity.length, kind }] : [];
  });
}

export function countsOf(ticks: Tick[]): [Kind, number][] {
  const kinds: Kind[] = ["viewed", "typed", "live", "changed", "took-out", "refused"];
  return kinds.map((kind): [Kind, number] => [kind, ticks.filter((tick) => tick.kind === kind).length]).filter(([, count]) => count > 0);
}
