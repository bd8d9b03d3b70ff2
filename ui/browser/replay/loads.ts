import type { Page } from "../chromium";
import type { Application } from "./apps";
import { type Driven, wait } from "./drive";

const RECORDER = "*/.countersign/recorder.js";
const median = (of: number[]) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;

/**
 * What the recorder adds to a load, from the click until the page shows what it is for. The same page through the same
 * gateway, in turns: with the recorder, and with its script kept out by the browser.
 */
export async function loadsOf(page: Page, application: Application, plan: Driven): Promise<{ with: number; without: number }> {
  const ready = `(function look() { if (${application.ready}) { window.countersignReady = Math.max(performance.now(), performance.getEntriesByType("navigation")[0]?.loadEventEnd ?? 0); } else requestAnimationFrame(look); })()`;
  const { identifier } = await page.send("Page.addScriptToEvaluateOnNewDocument", { source: ready });
  await page.send("Network.enable");
  const times = { with: [] as number[], without: [] as number[] };
  // The first of each warms what is warm for everybody after.
  for (let load = -1; load < plan.loads; load += 1)
    for (const way of load % 2 === 0 ? (["with", "without"] as const) : (["without", "with"] as const)) {
      await page.send("Network.setBlockedURLs", { urls: way === "without" ? [RECORDER] : [] });
      await page.open(application.loaded(plan.start));
      await page.until("window.countersignReady > 0 && document.readyState === 'complete'", "the page is loaded");
      if (load >= 0) times[way].push(await page.run<number>("window.countersignReady"));
      await wait(700);
    }
  await page.send("Network.setBlockedURLs", { urls: [] });
  await page.send("Page.removeScriptToEvaluateOnNewDocument", { identifier });
  return { with: median(times.with), without: median(times.without) };
}
