// Sends how the page looked. It runs before anything of the page, keeps its own copies of what it needs, and when it
// fails it fails alone: the page goes on, and the gateway's own record of the exchanges is whole without it.
import { record } from "@rrweb/record";
import { watermark } from "./watermark";

type Event = Parameters<NonNullable<NonNullable<Parameters<typeof record>[0]>["emit"]>>[0];

const ENDPOINT = "/.countersign/page";
const EVERY_MS = 1_000;
const MAX_BATCH_BYTES = 1_000_000;
const MAX_WAITING_BYTES = 8_000_000;
const MAX_EVENTS = 1_000;
const HIDDEN = "[redacted]";

const script = document.currentScript as HTMLScriptElement | null;
const page = script?.dataset.page ?? "";
const mark = script?.dataset.mark ?? "";
script?.remove();

const send = window.fetch.bind(window);
const stringify = JSON.stringify.bind(JSON);
const later = window.setTimeout.bind(window);

let waiting: string[] = [];
let waitingBytes = 0;
let sending = false;
let lost = 0;

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
  if (text.length > MAX_WAITING_BYTES / 2 || waitingBytes + text.length > MAX_WAITING_BYTES) {
    lost += 1;
    return;
  }
  waiting.push(text);
  waitingBytes += text.length;
}

function batch(): string | undefined {
  if (waiting.length === 0) return undefined;
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && count < MAX_EVENTS && (count === 0 || bytes + waiting[count].length <= MAX_BATCH_BYTES)) {
    bytes += waiting[count].length;
    count += 1;
  }
  const events = waiting.splice(0, count);
  waitingBytes -= bytes;
  if (lost > 0) {
    events.push(stringify({ type: 5, timestamp: Date.now(), data: { tag: "countersign-lost", payload: { events: lost } } }));
    lost = 0;
  }
  return `{"page":${stringify(page)},"events":[${events.join(",")}]}`;
}

async function flush(leaving: boolean): Promise<void> {
  if (sending && !leaving) return;
  sending = true;
  try {
    const body = batch();
    if (body !== undefined) {
      await send(ENDPOINT, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
        credentials: "same-origin",
        cache: "no-store",
        keepalive: leaving && body.length < 60_000,
      });
    }
  } catch {
    lost += 1;
  } finally {
    sending = false;
  }
}

function tick(): void {
  void flush(false).finally(() => later(tick, EVERY_MS));
}

if (page !== "") {
  try {
    record({
      emit: keep,
      maskAllInputs: true,
      maskInputOptions: {
        color: true, date: true, "datetime-local": true, email: true, month: true, number: true, range: true, search: true,
        tel: true, text: true, time: true, url: true, week: true, textarea: true, select: true, password: true,
      },
      inlineStylesheet: true,
      recordCanvas: false,
      collectFonts: false,
      slimDOMOptions: { script: true, comment: true },
      sampling: { mousemove: 100, scroll: 150, input: "last" },
    });
    later(tick, 200);
    window.addEventListener("pagehide", () => void flush(true));
    document.addEventListener("visibilitychange", () => void flush(document.visibilityState === "hidden"));
  } catch {
    // Nothing to tell anybody: the gateway sees that no events come.
  }
  if (mark !== "") watermark(mark);
}
