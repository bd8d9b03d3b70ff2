import { everySession } from "../../backend/backend";
import { useBackend, useLoaded } from "../../backend/context";

/** How many Sessions run, and how many must be reviewed, for whoever reviews. */
export function useOversight(reviews: boolean): { live: number; due: number } {
  const backend = useBackend();
  const count = async (review: string) => (await backend.countSessions({ ...everySession, tokens: [`review:${review}`] })).sessions;
  const load = async () => (reviews ? { live: await count("recording"), due: await count("due") } : null);
  const counts = useLoaded(load, `oversight${reviews}`, ["door", "log"]).value;
  return counts ?? { live: 0, due: 0 };
}
