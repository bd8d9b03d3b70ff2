import { useServerSeconds } from "../backend/clock";
import { ago, clock, clockSeconds, onDay, utc, when, whenShort } from "./format";

const ways = {
  clock: (at: number) => clock(at),
  seconds: (at: number) => clockSeconds(at),
  day: (at: number) => onDay(at),
  when: (at: number, now: number) => when(at, now),
  short: (at: number, now: number) => whenShort(at, now),
  exact: (at: number, now: number) => when(at, now, clockSeconds(at)),
  ago: (at: number, now: number) => ago(now - at),
};

interface Props {
  /** Unix seconds. */
  at: number;
  as?: keyof typeof ways;
  /** The sentence around it. */
  say?: (time: string) => string;
  className?: string;
}

/** A moment in this computer's time; in UTC where the pointer rests on it. */
export function Time({ at, as = "when", say = (time) => time, className }: Props) {
  const now = useServerSeconds(as === "ago" ? 10_000 : 60_000);
  return (
    <time className={className} dateTime={new Date(at * 1000).toISOString()} title={utc(at)}>
      {say(ways[as](at, now))}
    </time>
  );
}
