import { everySession } from "../../backend/backend";
import { useBackend, useLoaded } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { SessionView } from "../../generated/bindings";
import { holds } from "../../parts/holds";

export interface ToReview {
  /** The one after this; nothing where there is none. */
  next: SessionView | null;
  /** How many are left, this one not counted. */
  left: number;
  /** There may be more than were looked at. */
  atLeast: boolean;
}

/** What must be reviewed and waits for this reviewer, after the Session that is shown: older ones first, then the newest. */
export function toReviewAfter(sessions: SessionView[], id: string, name: string): SessionView[] {
  const mayBe = (one: SessionView) => one.due && one.name !== name && !one.approvers.includes(name);
  const at = sessions.findIndex((one) => one.id === id);
  return [...sessions.slice(at + 1), ...sessions.slice(0, Math.max(0, at))].filter(mayBe);
}

export function useToReview(id: string): ToReview {
  const backend = useBackend();
  const { person } = useAppState();
  const reviews = holds(person, "reviewer");
  const loaded = useLoaded(
    () => (reviews ? backend.sessions({ ...everySession, tokens: ["review:due"] }) : Promise.resolve(null)),
    `to review ${reviews}`,
  );
  const waiting = toReviewAfter(loaded.value?.sessions ?? [], id, person?.name ?? "");
  return { next: waiting[0] ?? null, left: waiting.length, atLeast: (loaded.value?.next ?? null) !== null };
}
