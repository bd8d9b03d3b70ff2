// Sends how the page looked. It runs before anything of the page, keeps its own copies of what it needs, and when it
// fails it fails alone: the page goes on, and the gateway's own record of the exchanges is whole without it. What looks at
// the page is large, and comes once the page has loaded.
import { placed } from "./frames";
import { watermark } from "./watermark";
import type { Event, Looking } from "./whole";

const ENDPOINT = "/.countersign/page";
const EVERY_MS = 1_000;
const MAX_BATCH_BYTES = 1_000_000;
const MAX_WAITING_BYTES = 8_000_000;
/** The gateway takes 4 MiB in one batch. */
const MAX_EVENT_BYTES = 4_000_000;
const MAX_EVENTS = 1_000;
/** A page that still loads so long after its text was there is looked at all the same. */
const MOST_LOADING_MS = 1_500;
const HIDDEN = "[redacted]";
/** The same path: a page's policy that names it allows this too. */
const WHOLE = "/.countersign/recorder.js?whole";

const script = document.currentScript as HTMLScriptElement | null;
const page = script?.dataset.page ?? "";
const mark = script?.dataset.mark ?? "";
/** Selectors of what is masked. The gateway masks what it knows once more: it takes nobody's word for it. */
const masked = script?.dataset.mask ?? "";
const withCanvases = script?.dataset.canvases !== undefined;
script?.remove();

const send = window.fetch.bind(window);
const stringify = JSON.stringify.bind(JSON);
const later = window.setTimeout.bind(window);
const encode = TextEncoder.prototype.encode.bind(new TextEncoder());

const sizeOf = (text: string): number => encode(text).length;

interface Waiting {
  text: string;
  /** As UTF-8, which is what the gateway counts. */
  bytes: number;
}

let waiting: Waiting[] = [];
let waitingBytes = 0;
let sending = false;
let lost = 0;
/** Changes of a page are worth nothing behind one that was lost: the whole page is reported again. */
let anew = false;
let looking: Looking | undefined;

/** Hidden inputs hold tokens more often than not; rrweb does not mask them. */
function withoutHiddenValues(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const { tagName, attributes, childNodes } = node as {
    tagName?: string;
    attributes?: Record<string, unknown>;
    childNodes?: unknown[];
  };
  if (tagName === "input" && attributes && "value" in attributes && attributes.type === "hidden") attributes.value = HIDDEN;
  childNodes?.forEach(withoutHiddenValues);
}

function clean(event: Event): Event {
  const data = (event as { data?: { node?: unknown; adds?: { node: unknown }[] } }).data;
  withoutHiddenValues(data?.node);
  data?.adds?.forEach((added) => withoutHiddenValues(added.node));
  return event;
}

function keep(event: Event): void {
  const text = stringify(clean(event));
  const bytes = sizeOf(text);
  if (bytes > MAX_EVENT_BYTES || waitingBytes + bytes > MAX_WAITING_BYTES) {
    lost += 1;
    anew = bytes <= MAX_EVENT_BYTES;
    return;
  }
  waiting.push({ text, bytes });
  waitingBytes += bytes;
}

interface Batch {
  body: string;
  bytes: number;
  /** How many events are lost with it. */
  count: number;
}

function batch(): Batch | undefined {
  if (waiting.length === 0) return undefined;
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && count < MAX_EVENTS && (count === 0 || bytes + waiting[count].bytes <= MAX_BATCH_BYTES)) {
    bytes += waiting[count].bytes;
    count += 1;
  }
  const events = waiting.splice(0, count).map((event) => event.text);
  waitingBytes -= bytes;
  if (lost > 0) {
    events.push(stringify({ type: 5, timestamp: Date.now(), data: { tag: "countersign-lost", payload: { events: lost } } }));
    count += lost;
    lost = 0;
  }
  const body = `{"page":${stringify(page)},"events":[${events.join(",")}]}`;
  return { body, bytes: sizeOf(body), count };
}

async function flush(leaving: boolean): Promise<void> {
  if (sending && !leaving) return;
  sending = true;
  const next = batch();
  try {
    if (next !== undefined) {
      const answer = await send(ENDPOINT, {
        method: "POST",
        body: next.body,
        headers: { "content-type": "application/json" },
        credentials: "same-origin",
        cache: "no-store",
        // What is on its way when the page is left arrives all the same; an engine lets so much of it be.
        keepalive: next.bytes < 60_000,
      });
      // What is refused is as lost as what never arrives.
      if (!answer.ok) {
        lost += next.count;
        anew = true;
      }
    }
  } catch {
    lost += next?.count ?? 0;
  } finally {
    sending = false;
  }
}

function tick(): void {
  if (anew && waiting.length === 0) {
    anew = false;
    looking?.anew();
  }
  void flush(false).finally(() => later(tick, EVERY_MS));
}

const place = placed();

/** A page that is loading is left alone: looking at all of it takes a moment, and nobody has seen anything of it yet. */
function loaded(begin: () => void): void {
  let begun = false;
  const once = (): void => {
    if (!begun) begin();
    begun = true;
  };
  if (document.readyState === "complete") return once();
  window.addEventListener("load", () => later(once, 0), { once: true });
  // A picture that never comes keeps nobody from being recorded.
  document.addEventListener("DOMContentLoaded", () => later(once, MOST_LOADING_MS), { once: true });
}

async function begin(): Promise<void> {
  try {
    if (place === "apart") keep({ type: 5, timestamp: Date.now(), data: { tag: "countersign-frame", payload: {} } });
    const whole: typeof import("./whole") = await import(WHOLE);
    looking = whole.look(masked, withCanvases, keep);
    later(tick, 200);
    window.addEventListener("pagehide", () => void flush(true));
    document.addEventListener("visibilitychange", () => void flush(document.visibilityState === "hidden"));
  } catch {
    // Nothing to tell anybody: the gateway sees that no events come.
  }
}

if (page !== "" && place === "inside") {
  // The page around it records it; this says that it is not silent.
  void send(ENDPOINT, { method: "POST", body: `{"page":${stringify(page)},"events":[]}`, headers: { "content-type": "application/json" } });
} else if (page !== "") {
  loaded(() => void begin());
  if (mark !== "") watermark(mark);
}
