import type { DoorView } from "../../generated/bindings";

const BEHIND_MS = 1000;
const LAST_MINUTES = [10, 5, 1];

export const seconds = (ms: number) => (ms / 1000).toFixed(1);

export const isBehind = (door: DoorView) => door.recordingLagMs > BEHIND_MS;

/**
 * The warning minute that the time left is in; null when there is none, or when it was dismissed. A Session that is no longer than
 * that as a whole is not warned of it: whoever opened it knows.
 */
export function warningOf(leftSeconds: number, wholeSeconds: number, dismissed: number | null): number | null {
  const isIn = (one: number) => leftSeconds <= one * 60 && leftSeconds > 0 && wholeSeconds > one * 60;
  const minute = LAST_MINUTES.findLast(isIn) ?? null;
  if (minute === null) return null;
  return dismissed !== null && dismissed <= minute ? null : minute;
}
