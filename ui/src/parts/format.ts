import { words } from "./words";

const { time: say, locale } = words;
const two = (number: number) => String(number).padStart(2, "0");

export const thousands = (number: number) => number.toLocaleString(locale);

/** `about 1.05 million`, `about 104,000`: three figures of it. */
export const about = (number: number) =>
  words.about(
    number.toLocaleString(locale, {
      ...(number < 1_000_000 ? {} : { notation: "compact", compactDisplay: "long" }),
      maximumSignificantDigits: 3,
    }),
  );

/** `30 min`, `1 h 52 min`, `40 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return say.seconds(Math.max(0, Math.floor(seconds)));
  const minutes = Math.floor(seconds / 60);
  if (minutes <= 90 && minutes % 60 !== 0) return say.minutes(minutes);
  const rest = minutes % 60;
  const hours = say.hours(Math.floor(minutes / 60));
  return rest === 0 ? hours : say.and(hours, say.minutes(two(rest)));
}

/** The same to the second, for what is signed: `30 min 59 s`. */
export function exactly(seconds: number): string {
  const rest = Math.floor(seconds) % 60;
  return seconds < 60 || rest === 0 ? duration(seconds) : say.and(duration(seconds - rest), say.seconds(rest));
}

/** `23:41` under an hour, `1:02:03` above. Seconds are rounded up, so that 0:00 is the end. */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const rest = `${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
  return left < 3600 ? rest.replace(/^0(\d)/, "$1") : `${Math.floor(left / 3600)}:${rest}`;
}

export function ago(seconds: number): string {
  if (seconds < 1) return say.now;
  if (seconds < 60) return say.ago(say.seconds(Math.floor(seconds)));
  if (seconds < 3600) return say.ago(say.minutes(Math.floor(seconds / 60)));
  if (seconds < 172_800) return say.ago(say.hours(Math.floor(seconds / 3600)));
  return say.ago(say.days(Math.floor(seconds / 86_400)));
}

/** `22:30`, of minutes since midnight. */
export const ofDay = (minutes: number) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

const DAY = 86_400;
const NEAR: Record<number, keyof typeof say.alone> = { [-1]: "yesterday", 0: "today", 1: "tomorrow" };

/** Whether a moment stands by itself or inside a sentence. */
type Place = "alone" | "inside";

/** How a moment is written in one zone; in this computer's without a name. */
function timesIn(timeZone?: "UTC") {
  const day = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short", timeZone });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone });
  const parts = (seconds: number): [number, number, number] => {
    const date = new Date(seconds * 1000);
    return timeZone
      ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
      : [date.getHours(), date.getMinutes(), date.getSeconds()];
  };
  const startOfDay = (now: number) => {
    const midnight = new Date(now * 1000);
    if (timeZone) midnight.setUTCHours(0, 0, 0, 0);
    else midnight.setHours(0, 0, 0, 0);
    return midnight.getTime() / 1000;
  };
  /** `14:32` */
  const clock = (seconds: number) => parts(seconds).slice(0, 2).map(two).join(":");
  const clockSeconds = (seconds: number) => parts(seconds).map(two).join(":");
  const onDay = (seconds: number) => day.format(new Date(seconds * 1000)).replace(",", "");
  /** `Today 09:14`, `Yesterday 16:40`, `Fri 20 Nov 15:22`; inside a sentence `today 09:14`; with `time` as the hour is to be written. */
  const when = (seconds: number, now: number, how: Place = "alone", time = clock(seconds)) => {
    // A day on which clocks are changed is not 24 hours.
    const day = NEAR[Math.round((startOfDay(seconds) - startOfDay(now)) / DAY)];
    return day ? say[how][day](time) : `${onDay(seconds)} ${time}`;
  };
  /** The hour alone for today, with the day otherwise. */
  const whenShort = (seconds: number, now: number, how: Place = "alone") =>
    startOfDay(seconds) === startOfDay(now) ? clock(seconds) : when(seconds, now, how);
  /** With its day, year and zone. */
  const whole = (seconds: number) => (timeZone ? say.utc : say.local)(full.format(new Date(seconds * 1000)));
  return { clock, clockSeconds, onDay, when, whenShort, whole };
}

export type Times = ReturnType<typeof timesIn>;
export const localTimes = timesIn();
export const utcTimes = timesIn("UTC");
export const { clock } = localTimes;
/** For tooltips, and for what is sent to somebody. */
export const utc = utcTimes.whole;

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${Math.round(count / 1000)} KB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

export function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
