import { createContext, useContext } from "react";
import { useServerSeconds } from "../backend/clock";
import { ago, localTimes, type Times, utcTimes } from "./format";
import type { Zone } from "./preferences";
import { words } from "./words";

const say = words.time;

/** In which zone the page is read; this computer's where nobody can choose. */
export const TimeZone = createContext<Zone>("local");

/** How moments are written here. */
export const useTimes = (): Times => (useContext(TimeZone) === "utc" ? utcTimes : localTimes);

/** The other way, for whoever rests the pointer on a moment. */
export const useOtherTimes = (): Times => (useContext(TimeZone) === "utc" ? localTimes : utcTimes);

const place = (inside: boolean) => (inside ? "inside" : "alone");

const ways = {
  clock: (times: Times, at: number) => times.clock(at),
  seconds: (times: Times, at: number) => times.clockSeconds(at),
  day: (times: Times, at: number) => times.onDay(at),
  when: (times: Times, at: number, now: number, inside: boolean) => times.when(at, now, place(inside)),
  short: (times: Times, at: number, now: number, inside: boolean) => times.whenShort(at, now, place(inside)),
  exact: (times: Times, at: number, now: number, inside: boolean) => times.when(at, now, place(inside), times.clockSeconds(at)),
  ago: (_: Times, at: number, now: number) => ago(now - at),
};

interface Props {
  /** Unix seconds. */
  at: number;
  as?: keyof typeof ways;
  /** The sentence around it; its day is written as inside one. */
  say?: (time: string) => string;
  className?: string;
}

/** A moment in the zone of the page; in the other one where the pointer rests on it. */
export function Time({ at, as = "when", say: sentence, className }: Props) {
  const now = useServerSeconds(as === "ago" ? 10_000 : 60_000);
  const times = useTimes();
  return (
    <time className={className} dateTime={new Date(at * 1000).toISOString()} title={useOtherTimes().whole(at)}>
      {sentence ? sentence(ways[as](times, at, now, true)) : ways[as](times, at, now, false)}
    </time>
  );
}

/** Says UTC after a moment; nothing where it is this computer's time, as everywhere. */
export function ZoneSaid() {
  return useContext(TimeZone) === "utc" ? ` ${say.inUtc}` : null;
}

/** The head of a column of moments. */
export function TimeHead({ head }: { head: string }) {
  return useContext(TimeZone) === "utc" ? say.headUtc(head) : head;
}
