import type { SessionView } from "../../generated/bindings";

const DAY = 86_400;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** How long a Session lasted, or lasts by now, in seconds. */
export const spanOf = (session: SessionView, now: number) => (session.endedAt ?? Math.min(now, session.endsAt)) - session.openedAt;

/** Midnight of a day of this computer's time; nothing for a day that there is not. */
function midnight(text: string, later = 0): number | null {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (!year || !month || !day) return null;
  const named = new Date(year, month - 1, day);
  if (named.getMonth() !== month - 1 || named.getDate() !== day) return null;
  return new Date(year, month - 1, day + later).getTime() / 1000;
}

/** `1d`, `7d`, `30d`, a day, or two days with `..` between: from when to when, in Unix seconds. */
export function lastOf(written: string, now: number): { from: number; to: number | null } | null {
  const days = /^([1-9]\d{0,2})d$/.exec(written)?.[1];
  if (days) return { from: Math.floor(now / 60) * 60 - Number(days) * DAY, to: null };
  const [first = "", last = first] = written.split("..");
  const [from, to] = [midnight(first), midnight(last, 1)];
  return from !== null && to !== null && from < to ? { from, to } : null;
}
