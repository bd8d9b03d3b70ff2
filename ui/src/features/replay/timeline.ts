import type { ExchangeView, RecordingView, ResourceView } from "../../generated/bindings";
import type { Kind } from "../../parts/activity";
import { words } from "../../parts/words";

/** An rrweb event, as much of it as an index needs. */
export interface PageEvent {
  type: number;
  timestamp: number;
  data?: { source?: number; href?: string; [more: string]: unknown };
}

/** Something that happened, on the clock of the Recording. */
export interface Moment {
  key: string;
  atMs: number;
  kind: Kind;
  title: string;
  detail: string;
  exchange: number | null;
}

export interface Span {
  fromMs: number;
  toMs: number;
}

export interface Index {
  startMs: number;
  endMs: number;
  moments: Moment[];
  idle: Span[];
  missing: (Span & { detail: string })[];
  /** Events of the pages in the order of time; a page is silent after the next one began. */
  events: PageEvent[];
  resources: ResourceView[];
}

const INCREMENT = 3;
const OWN = 5;
const INPUT = 5;
const TYPING_MS = 4000;
/** Nothing of any kind for this long is idle. */
export const IDLE_MS = 20_000;
const exported = /csv|zip|pdf|spreadsheet|octet-stream|msword|x-tar/;

/** A report comes after what it reports, by a computer whose clock may differ from the gateway's. */
const LATE_MS = 60_000;

function readEvents(json: string, fromMs: number, toMs: number): PageEvent[] {
  const read: unknown = JSON.parse(json);
  const fits = (event: unknown): event is PageEvent =>
    typeof event === "object" &&
    event !== null &&
    Number.isFinite((event as PageEvent).timestamp) &&
    Number.isInteger((event as PageEvent).type);
  const events = Array.isArray(read) ? read.filter(fits) : [];
  // The page says when; the gateway knows between what. A forged time takes nothing off the record.
  for (const event of events) event.timestamp = Math.min(toMs, Math.max(fromMs, event.timestamp));
  return events;
}

/** In a frame that the page around it could not look into: its events are no page of the window. */
const isApart = (events: PageEvent[]) => events.some(({ type, data }) => type === OWN && data?.tag === "countersign-frame");

/** One stream of all pages. */
export function joinPages(recording: RecordingView): PageEvent[] {
  const pages = [...recording.pages]
    .sort((a, b) => a.atMs - b.atMs)
    .map((page) =>
      readEvents(page.json, page.atMs - LATE_MS, Math.max(page.atMs, recording.endedMs) + LATE_MS).sort(
        (a, b) => a.timestamp - b.timestamp,
      ),
    )
    .filter((events) => !isApart(events));
  return pages.flatMap((events, at) => {
    const next = pages.slice(at + 1).find((later) => later.length > 0)?.[0]?.timestamp ?? Number.POSITIVE_INFINITY;
    return events.filter((event) => event.timestamp < next);
  });
}

/** Pages that reported something of which nothing can be read. */
const shownAsNothing = ({ pages }: RecordingView) =>
  pages
    .filter((page) => page.events > 0 && readEvents(page.json, 0, 0).length === 0)
    .map((page) => ({ fromMs: page.atMs, toMs: page.atMs, detail: words.replay.showsNothing }));

/** The end of a path, without what stands for the Organization. */
export function placeOf(path: string, organization: string): string {
  const parts = (path.split("?")[0] ?? "").split("/").filter(Boolean);
  return (
    parts
      .slice(parts.indexOf(organization) + 1)
      .slice(-2)
      .join("/") || words.replay.startPage
  );
}

function momentOf(exchange: ExchangeView, organization: string): Moment {
  const { replay } = words;
  const name = placeOf(exchange.path, organization);
  const page = exchange.contentType.includes("html");
  const base = {
    key: `x${exchange.number}`,
    atMs: exchange.atMs,
    exchange: exchange.number,
    detail: `${exchange.method} ${exchange.path}${exchange.status ? `, ${exchange.status}` : ""}`,
  };
  if (exchange.refused) return { ...base, kind: "refused", title: replay.refused(exchange.refused) };
  if (exchange.write) return { ...base, kind: "changed", title: replay.changed(name) };
  if (exported.test(exchange.contentType) || /\/export\b|\.(csv|zip|pdf|xlsx)$/.test(exchange.path.split("?")[0] ?? ""))
    return { ...base, kind: "took-out", title: replay.tookOut(name) };
  return { ...base, kind: "viewed", title: page ? replay.opened(name) : replay.asked2(name) };
}

function typingOf(events: PageEvent[]): Moment[] {
  const found: Moment[] = [];
  for (const event of events) {
    if (event.type !== INCREMENT || event.data?.source !== INPUT) continue;
    const last = found.at(-1);
    if (last && event.timestamp - last.atMs < TYPING_MS) continue;
    found.push({
      key: `t${event.timestamp}`,
      atMs: event.timestamp,
      kind: "typed",
      title: words.replay.typedText,
      detail: words.replay.hidden,
      exchange: null,
    });
  }
  return found;
}

/** Stretches of at least `IDLE_MS` with no event of any kind, requests included; what is missing is never idle. */
export function idleOf(times: number[], startMs: number, endMs: number, missing: Span[]): Span[] {
  const all = [startMs, ...[...times].sort((a, b) => a - b), endMs];
  const spans: Span[] = [];
  for (let at = 1; at < all.length; at++) {
    const fromMs = (all[at - 1] ?? startMs) + 1000;
    const toMs = (all[at] ?? endMs) - 1000;
    const hole = missing.some((gap) => gap.fromMs < toMs && gap.toMs > fromMs);
    if (toMs - fromMs >= IDLE_MS && !hole) spans.push({ fromMs, toMs });
  }
  return spans;
}

export function indexOf(recording: RecordingView, organization: string): Index {
  const events = joinPages(recording);
  const startMs = recording.startedMs;
  // A spread over as many exchanges as a page likes is more arguments than an engine takes.
  let last = events.at(-1)?.timestamp ?? 0;
  for (const one of recording.exchanges) last = Math.max(last, one.atMs + one.tookMs);
  const endMs = Math.max(recording.endedMs, last, startMs + 1000);
  const gaps = recording.gaps.map((gap) => ({ fromMs: gap.atMs, toMs: gap.untilMs, detail: gap.detail }));
  const missing = [...gaps, ...shownAsNothing(recording)];
  const moments = [...recording.exchanges.map((one) => momentOf(one, organization)), ...typingOf(events)].sort((a, b) => a.atMs - b.atMs);
  const times = [...events.map((event) => event.timestamp), ...recording.exchanges.map((one) => one.atMs)].filter(
    (time) => time >= startMs && time <= endMs,
  );
  return { startMs, endMs, moments, idle: idleOf(times, startMs, endMs, missing), missing, events, resources: recording.resources };
}

/** Where the clock is after `passedMs` of watching: idle stretches are jumped over when `skip` is on. */
export function advance(index: Index, atMs: number, passedMs: number, speed: number, skip: boolean): number {
  const to = atMs + passedMs * speed;
  const idle = skip ? index.idle.find((span) => span.fromMs <= to && to < span.toMs) : undefined;
  return Math.min(index.endMs, idle ? idle.toMs : to);
}

export const idleTotal = (index: Index) => index.idle.reduce((sum, span) => sum + (span.toMs - span.fromMs), 0);

/** The last moment that has happened by `atMs`. */
export function current(moments: Moment[], atMs: number): Moment | null {
  return moments.findLast((moment) => moment.atMs <= atMs) ?? null;
}
