import type { DoorView, MoreView, RequestView } from "../../generated/bindings";
import { saidEnd } from "../../parts/ending";
import { exactly } from "../../parts/format";
import type { Told } from "../../parts/More";
import { isPending } from "../../parts/offers";
import { words } from "../../parts/words";

/** When the person is put out, or must have opened by. */
export const endOf = (request: RequestView) => request.sessionEndsAt ?? request.until;

/** Open, or waiting to be opened: more time opens nothing. */
export const openable = (one: RequestView) => one.state === "open" || (one.state === "approved" && !one.extends);

export interface Grouped {
  open: RequestView[];
  waiting: RequestView[];
  recent: RequestView[];
  /** What was asked for in a Session beside what opened it, by the request that opened it. */
  more: Map<string, RequestView[]>;
}

/** Open ones by least time left, then what waits, then the rest, newest first; what extends one stands with it. */
export function group(all: RequestView[]): Grouped {
  const there = new Set(all.map((one) => one.id));
  const ofSession = (one: RequestView) => one.extends !== null && there.has(one.extends.request);
  const more = new Map<string, RequestView[]>();
  for (const one of all.filter(ofSession)) {
    const of = one.extends?.request ?? "";
    more.set(of, [...(more.get(of) ?? []), one]);
  }
  const requests = all.filter((one) => !ofSession(one));
  const open = requests.filter(openable).sort((a, b) => endOf(a) - endOf(b));
  const waiting = requests.filter((one) => one.state === "waiting").sort((a, b) => a.left.at - b.left.at);
  const recent = requests.filter((one) => !open.includes(one) && !waiting.includes(one)).sort((a, b) => b.left.at - a.left.at);
  return { open, waiting, recent, more };
}

/** More time as the list says it, for what the door has not heard of. */
const listed = (one: RequestView): MoreView => ({
  request: one.id,
  seconds: one.extends?.moreSeconds ?? 0,
  endsAt: (one.extends?.openedAt ?? 0) + one.durationSeconds,
  state: one.state === "waiting" ? "waiting" : "countersigned",
  why: "",
});

/** What is to be told of more time in a Session: what nobody has decided or handed over, or else what became of the last. */
export function askedIn(door: DoorView | null, more: RequestView[], onWithdraw: (id: string) => void): Told[] {
  const last = door?.more ?? null;
  const others = more.filter((one) => (one.state === "waiting" || one.state === "approved") && one.id !== last?.request).map(listed);
  return [...(last && (isPending(last) || others.length === 0) ? [last] : []), ...others].map((one) => {
    const signed = more.find((other) => other.id === one.request);
    return { more: one, at: signed?.left.at, onWithdraw: signed && (() => onWithdraw(one.request)) };
  });
}

/** All that the Session may last, with what extended it. */
export const lastsFor = (request: RequestView, more: RequestView[]) =>
  Math.max(request.durationSeconds, ...more.filter((one) => one.endedBy === "extended").map((one) => one.durationSeconds));

/** What was added to it. */
export const addedTo = (more: RequestView[]) =>
  more.filter((one) => one.endedBy === "extended").reduce((sum, one) => sum + (one.extends?.moreSeconds ?? 0), 0);

/** How it ended, in words. */
export function ending(request: RequestView): string {
  const { ended, denied } = words.access;
  if (request.state === "denied") return denied(request.right.find((one) => one.verdict === "deny")?.comment ?? "");
  if (request.state === "expired") return ended.expired;
  if (request.state === "withdrawn") return ended.withdrawn;
  if (request.extends) return request.endedBy === "extended" ? words.more.wasAdded(exactly(request.extends.moreSeconds)) : words.more.lost;
  return request.endedBy === "ended-by-requester" ? ended.you : saidEnd(request.endedBy);
}
