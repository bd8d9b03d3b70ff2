const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const marked = [0, HOUR, DAY, 7 * DAY, 30 * DAY];

/** How far back the line goes: half as far again as the oldest of them, and an hour at least. */
export const spanOf = (ages: number[]): number => Math.max(HOUR, ...ages) * 1.5;

const bend = (age: number) => Math.log1p(Math.max(0, age) / MINUTE);

/** Where an age stands, as a share of the line. Near to now an hour is as long as a week is far from it. */
export const farOf = (age: number, span: number): number => Math.max(0, Math.min(1, 1 - (0.9 * bend(age)) / bend(span)));

/** The ages that are named above the line. */
export const ticksOf = (span: number): number[] => marked.filter((age) => age <= span);
