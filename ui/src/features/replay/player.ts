import { Replayer } from "@rrweb/replay";
import type { ResourceView } from "../../generated/bindings";
import { harmless } from "./harmless";
import { marksUnder } from "./pressed";
import type { FromPlayer, ToPlayer } from "./protocol";
import { Resources } from "./resources";
import type { PageEvent } from "./timeline";

const FULL = 2;
const INCREMENT = 3;
const META = 4;
const CANVAS = 9;
const FONT = 10;
const DRIFT_MS = 400;

/** Events that build or change a page, made harmless. Plug-ins, custom events, canvas commands and fonts are left out. */
export function playable(events: PageEvent[], resources = new Resources()): PageEvent[] {
  const kept = (event: PageEvent) =>
    event.type === FULL ||
    event.type === META ||
    (event.type === INCREMENT && event.data?.source !== CANVAS && event.data?.source !== FONT);
  return events.filter(kept).map((event) => harmless(event, resources));
}

/**
 * Rebuilds recorded pages in an inner frame that may run no script. The window above drives the clock; this side never
 * decides what is skipped, and it hears commands of the window above alone.
 */
export class Player {
  private replayer: Replayer | null = null;
  private resources = new Resources();
  private firstMs = 0;
  private lastMs = 0;
  private playing = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly own: Window,
  ) {}

  listen() {
    this.own.addEventListener("message", (message) => {
      if (message.source === this.own.parent) this.hear(message.data as ToPlayer);
    });
    this.own.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      this.tell({ say: "key", key: event.key, shift: event.shiftKey });
    });
    this.root.addEventListener("click", (event) => {
      const digits = this.replayer ? marksUnder(this.replayer.iframe, event.clientX, event.clientY) : [];
      if (digits.length > 0) this.tell({ say: "marks", digits });
    });
    this.own.addEventListener("resize", () => this.fit());
    this.tell({ say: "ready" });
  }

  private tell(what: FromPlayer) {
    this.own.parent.postMessage(what, "*");
  }

  private hear(what: ToPlayer) {
    try {
      if (what.say === "load") this.load(what.events, what.resources);
      if (what.say === "add") this.add(what.events, what.resources);
      if (what.say === "show") this.show(what.atMs, what.playing, what.speed);
    } catch (thrown) {
      console.error(thrown);
      this.tell({ say: "failed" });
    }
  }

  private load(recorded: PageEvent[], resources?: ResourceView[]) {
    this.resources = new Resources(resources);
    const events = playable(recorded, this.resources);
    this.replayer?.destroy();
    this.root.replaceChildren();
    const [first] = events;
    if (!first || events.length < 2) return this.tell({ say: "failed" });
    this.firstMs = first.timestamp;
    this.lastMs = events.at(-1)?.timestamp ?? first.timestamp;
    this.replayer = new Replayer(events as never[], {
      root: this.root,
      mouseTail: false,
      skipInactive: false,
      showWarning: false,
      triggerFocus: false,
      UNSAFE_replayCanvas: false,
      liveMode: false,
      // The mark over the page was of whoever looked at it then.
      insertStyleRules: ["countersign-mark { display: none !important; }"],
    });
    this.replayer.on("resize", () => this.fit());
    this.tell({ say: "loaded" });
  }

  private add(events: PageEvent[], resources: ResourceView[] = []) {
    this.resources.add(resources);
    for (const event of playable(events, this.resources)) this.replayer?.addEvent(event as never);
    this.lastMs = events.at(-1)?.timestamp ?? this.lastMs;
  }

  private show(atMs: number, playing: boolean, speed: number) {
    const { replayer } = this;
    if (!replayer) return;
    const offset = Math.max(0, Math.min(atMs, this.lastMs) - this.firstMs);
    if (!playing || atMs >= this.lastMs) {
      // rrweb shows what was before a moment: what happened at it belongs to it.
      replayer.pause(offset + 1);
      this.playing = false;
      return;
    }
    replayer.setConfig({ speed });
    if (!this.playing || Math.abs(replayer.getCurrentTime() - offset) > DRIFT_MS * speed) replayer.play(offset);
    this.playing = true;
  }

  /** Scales the page to the stage. */
  private fit() {
    const frame = this.replayer?.iframe;
    const wrapper = this.replayer?.wrapper;
    if (!frame || !wrapper) return;
    const width = Number(frame.getAttribute("width")) || frame.offsetWidth || 1;
    const height = Number(frame.getAttribute("height")) || frame.offsetHeight || 1;
    const scale = Math.min(this.root.clientWidth / width, this.root.clientHeight / height, 1);
    wrapper.style.transform = `translate(${(this.root.clientWidth - width * scale) / 2}px, ${(this.root.clientHeight - height * scale) / 2}px) scale(${scale})`;
  }
}
