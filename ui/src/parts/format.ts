const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

const two = (number: number) => String(number).padStart(2, "0");

export const thousands = (number: number) => number.toLocaleString("en-GB");

/** `30 min`, `1 h 52 min`, `40 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes <= 90 && minutes % 60 !== 0) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${two(rest)} min`;
}

/** The same to the second, for what is signed: `30 min 59 s`. */
export function exactly(seconds: number): string {
  const rest = Math.floor(seconds) % 60;
  return seconds < 60 || rest === 0 ? duration(seconds) : `${duration(seconds - rest)} ${rest} s`;
}

/** `23:41` under an hour, `1:02:03` above. Seconds are rounded up, so that 0:00 is the end. */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const rest = `${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
  return left < 3600 ? rest.replace(/^0(\d)/, "$1") : `${Math.floor(left / 3600)}:${rest}`;
}

export function ago(seconds: number): string {
  if (seconds < 1) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** Local `14:32`. */
export function clock(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function clockSeconds(seconds: number): string {
  return `${clock(seconds)}:${two(new Date(seconds * 1000).getSeconds())}`;
}

/** `Today 09:14`, `Yesterday 16:40`, `Fri 20 Nov 15:22`. */
export function when(seconds: number, now: number): string {
  const midnight = new Date(now * 1000);
  midnight.setHours(0, 0, 0, 0);
  const start = midnight.getTime() / 1000;
  if (seconds >= start && seconds < start + 86_400) return `Today ${clock(seconds)}`;
  if (seconds >= start - 86_400 && seconds < start) return `Yesterday ${clock(seconds)}`;
  return `${onDay(seconds)} ${clock(seconds)}`;
}

export const onDay = (seconds: number) => day.format(new Date(seconds * 1000)).replace(",", "");

/** For tooltips. */
export const utc = (seconds: number) => `${full.format(new Date(seconds * 1000))} UTC`;

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${Math.round(count / 1000)} KB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

export function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
