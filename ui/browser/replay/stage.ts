import type { Index } from "../../src/features/replay/timeline";
import type { Chromium, Page } from "../chromium";
import type { Site } from "../site";
import { HEIGHT, wait, WIDTH } from "./drive";

/** The player in its frame under its policy, as large as the page was, and what goes out of it. */
export class Stage {
  readonly asked: string[] = [];

  private constructor(private readonly page: Page) {}

  static async set(chromium: Chromium, page: Page, site: Site, index: Index): Promise<Stage> {
    const stage = new Stage(page);
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
    stage.listen(chromium);
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
      const { requestId, request, blockedReason } = (params ?? {}) as { requestId: string; request?: { url: string }; blockedReason?: string };
      if (method === "Network.requestWillBeSent" && !/^(data|about):/.test(request?.url ?? "")) {
        open.set(requestId, request?.url ?? "");
        this.asked.push(request?.url ?? "");
      }
      if (method === "Network.loadingFailed" && ["csp", "origin"].includes(blockedReason ?? "") && open.has(requestId))
        this.asked.splice(this.asked.indexOf(open.get(requestId) ?? ""), 1);
    });
  }

  async pictureAt(atMs: number): Promise<Buffer> {
    await this.page.run(`tell({ say: "show", atMs: ${atMs}, playing: false, speed: 1 })`);
    await wait(700);
    const { data } = await this.page.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data as string, "base64");
  }
}
