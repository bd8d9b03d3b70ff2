import type { AppState, DoorView, MoreView } from "../generated/bindings";

const STEPS = [900, 1800, 3600];

/** Seconds that policy leaves for more time in this Session. */
export function roomOf(door: DoorView, policy: AppState["policy"]): number {
  const rule = policy.rules.find((one) => one.reason === door.reason && one.scope === door.scope);
  return Math.max(0, (rule?.maxDurationSeconds ?? 0) - (door.endsAt - door.openedAt));
}

/** What can be asked for, in seconds: the usual steps that policy leaves room for, and the whole of it. */
export function offersOf(room: number): number[] {
  const steps = STEPS.filter((one) => one < room);
  return room > 0 && room <= (STEPS.at(-1) ?? 0) ? [...steps, room] : steps;
}

/** Nobody asks again while it waits. */
export const isPending = (more: MoreView | null) => ["waiting", "countersigned", "code-needed"].includes(more?.state ?? "");
