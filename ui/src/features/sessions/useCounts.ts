import { useServerSeconds } from "../../backend/clock";
import { useBackend, useLoaded } from "../../backend/context";
import type { SessionCountView } from "../../generated/bindings";
import { about, thousands } from "../../parts/format";
import { askedOf, looksThrough, queryOf, type View, views, type Wanted } from "./filter";

/** Counted one by one up to here. */
const COUNTED_TO = 10_000;

/** A count as it is said: to the last one, about, or from where on nobody counted. */
export function countSaid({ sessions, more }: SessionCountView): string {
  if (more) return `${thousands(sessions)}+`;
  return sessions > COUNTED_TO ? about(sessions) : thousands(sessions);
}

/** How many there are of the list, and of each view of it. A list that is looked through is not counted. */
export function useCounts(wanted: Wanted) {
  const backend = useBackend();
  const now = useServerSeconds(60_000);
  const counted = !looksThrough(wanted);
  const load = async () => {
    const all = await Promise.all(views.map((view) => backend.countSessions(askedOf({ ...wanted, view }, now))));
    return Object.fromEntries(views.map((view, at) => [view, all[at]])) as Record<View, SessionCountView>;
  };
  const key = queryOf({ ...wanted, view: "all", order: "newest" });
  const counts = useLoaded(() => (counted ? load() : Promise.resolve(null)), `counts ${key}`, ["door", "log"]).value;
  return {
    here: counts?.[wanted.view] ?? null,
    of: (view: View) => (counts?.[view] ? countSaid(counts[view]) : ""),
  };
}
