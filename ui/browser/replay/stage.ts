import type { Index } from "../../src/features/replay/timeline";
import type { Chromium, Page } from "../chromium";
import type { Site } from "../site";
import { HEIGHT, wait, WIDTH } from "./drive";

/** The player in its frame under its policy, as large as the page was, and what goes out of it. */
export class Stage {
  readonly asked: string[] = [];
  private readonly contexts: { id: number; origin: string; auxData?: { isDefault?: boolean } }[] = [];

  private constructor(
    private readonly page: Page,
    private readonly origin: string,
  ) {}

  static async set(chromium: Chromium, page: Page, site: Site, index: Pick<Index, "events" | "resources">): Promise<Stage> {
    const stage = new Stage(page, site.player);
    stage.listen(chromium);
    await page.open(`${site.app}/stage`);
    await page.run(`new Promise((done, failed) => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts allow-same-origin";
      frame.style.cssText = "position: fixed; inset: 0; border: 0; width: ${WIDTH}px; height: ${HEIGHT}px";
      window.addEventListener("message", ({ data }) => {
        if (data?.say === "ready") done(true);
        if (data?.say === "loaded") window.loaded = true;
        if (data?.say === "failed") window.failed = true;
      });
      setTimeout(() => failed(new Error("the player is not there")), 10000);
      frame.src = ${JSON.stringify(`${site.player}/player.html`)};
      document.body.append(frame);
      window.tell = (what) => frame.contentWindow.postMessage(what, "*");
    })`);
    await page.send("Network.enable");
    await page.run(`tell({ say: "load", events: ${JSON.stringify(index.events)}, resources: ${JSON.stringify(index.resources ?? [])} })`);
    await page.until("window.loaded || window.failed", "the Recording is loaded");
    if (await page.run<boolean>("window.failed === true")) throw new Error("the player gave the Recording up");
    return stage;
  }

  /** Everything that is asked for and that no policy keeps in the page. */
  private listen(chromium: Chromium) {
    const open = new Map<string, string>();
    chromium.hear(({ sessionId, method, params }) => {
      if (sessionId !== this.page.session) return;
      if (method === "Runtime.executionContextCreated") this.contexts.push(params?.context as (typeof this.contexts)[number]);
      const { requestId, request, blockedReason } = (params ?? {}) as {
        requestId: string;
        request?: { url: string };
        blockedReason?: string;
      };
      if (method === "Network.requestWillBeSent" && !/^(data|about):/.test(request?.url ?? "")) {
        open.set(requestId, request?.url ?? "");
        this.asked.push(request?.url ?? "");
      }
      if (method === "Network.loadingFailed" && ["csp", "origin"].includes(blockedReason ?? "") && open.has(requestId))
        this.asked.splice(this.asked.indexOf(open.get(requestId) ?? ""), 1);
    });
  }

  /** Where what was masked stands on the page that is shown now. */
  masked(): Promise<Box[]> {
    return this.inPlayer<Box[]>(`(${maskedIn.toString()})()`);
  }

  /** How long until a moment is painted, in milliseconds; and what the first changed row says, so that it is known to be. */
  seek(atMs: number): Promise<{ took: number; shown: string }> {
    return this.inPlayer(`new Promise((done) => {
      const from = performance.now();
      const data = { say: "show", atMs: ${atMs}, playing: false, speed: 1 };
      window.dispatchEvent(new MessageEvent("message", { source: window.parent, data }));
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const page = document.querySelector("#page > .replayer-wrapper > iframe").contentDocument;
        done({ took: performance.now() - from, shown: page.querySelector("[data-second]")?.dataset.second ?? "" });
      }));
    })`);
  }

  /** Evaluates in the player's own page, which is of another address than the window. */
  private async inPlayer<T>(expression: string): Promise<T> {
    const evaluate = async (contextId: number, what: string) =>
      (await this.page
        .send("Runtime.evaluate", { expression: what, contextId, returnByValue: true, awaitPromise: true })
        .catch(() => null)) as { result: { value: unknown }; exceptionDetails?: unknown } | null;
    for (const { id, origin, auxData } of this.contexts) {
      if (origin !== this.origin || !auxData?.isDefault) continue;
      const there = await evaluate(id, "document.querySelector('#page > .replayer-wrapper > iframe') !== null");
      if (there?.result.value !== true) continue;
      const answer = await evaluate(id, expression);
      if (!answer || answer.exceptionDetails) throw new Error(JSON.stringify(answer?.exceptionDetails).slice(0, 600));
      return answer.result.value as T;
    }
    throw new Error("the player is not there");
  }

  async pictureAt(atMs: number): Promise<Buffer> {
    await this.page.run(`tell({ say: "show", atMs: ${atMs}, playing: false, speed: 1 })`);
    await wait(700);
    const { data } = await this.page.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data as string, "base64");
  }
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** It runs in the player, where the rebuilt page is a frame. */
function maskedIn(): Box[] {
  const page = document.querySelector<HTMLIFrameElement>("#page > .replayer-wrapper > iframe")?.contentDocument;
  if (!page) return [];
  const found: Element[] = [];
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (/\[masked |\[redacted\]/.test(node.textContent ?? "") && node.parentElement) found.push(node.parentElement);
  for (const field of page.querySelectorAll<HTMLInputElement>("input, textarea, select"))
    if (field.tagName === "SELECT" || /^\*+$|\[masked /.test(field.value)) found.push(field);
  return found.map((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return { left, top, right, bottom };
  });
}
