import type { Chromium, Page } from "../chromium";
import type { Application } from "./apps";
import { type Driven, wait } from "./drive";
import { fetches } from "./fetches";
import { patiently } from "./hand";

/** What the gateway put into the page. */
const RECORDER = /<script nonce="[^"]*" data-page="[^"]*"[^>]*>[^]*?<\/script>/;
const median = (of: number[]) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;

/**
 * What the recorder adds to a load, from the click until the page shows what it is for. The same page through the same
 * gateway, in turns: as it came, and with the recorder taken out. Both go through the hands that take it out.
 */
export async function loadsOf(chromium: Chromium, page: Page, application: Application, plan: Driven) {
  const ready = `(function look() { if (${application.ready}) { window.countersignReady = Math.max(performance.now(), performance.getEntriesByType("navigation")[0]?.loadEventEnd ?? 0); } else requestAnimationFrame(look); })()`;
  const { identifier } = await page.send("Page.addScriptToEvaluateOnNewDocument", { source: ready });
  let taken = false;
  const answer = async (method: string, params: Record<string, unknown>) => {
    if (method === "Fetch.requestPaused") await handOver(page, params as unknown as Paused, taken);
  };
  const times = { with: [] as number[], without: [] as number[] };
  // The first of each warms what is warm for everybody after.
  const loads = Math.min(plan.loads, application.mostLoads ?? plan.loads);
  const turns = async () => {
    for (let load = -1; load < loads; load += 1)
      for (const way of load % 2 === 0 ? (["with", "without"] as const) : (["without", "with"] as const)) {
        taken = way === "without";
        await page.open(application.loaded(plan.start));
        await patiently(page, "window.countersignReady > 0 && document.readyState === 'complete'", "the page is loaded");
        if (load >= 0) times[way].push(await page.run<number>("window.countersignReady"));
        await wait(700);
      }
  };
  await fetches(chromium, page, { patterns: [{ resourceType: "Document", requestStage: "Response" }] }, answer, turns);
  await page.send("Page.removeScriptToEvaluateOnNewDocument", { identifier });
  return { with: median(times.with), without: median(times.without) };
}

interface Paused {
  requestId: string;
  responseStatusCode?: number;
  responseHeaders?: { name: string; value: string }[];
}

async function handOver(page: Page, { requestId, responseStatusCode, responseHeaders }: Paused, taken: boolean) {
  // What leads elsewhere holds no page.
  if ((responseStatusCode ?? 200) >= 300 && (responseStatusCode ?? 200) < 400) return page.send("Fetch.continueRequest", { requestId });
  const { body, base64Encoded } = (await page.send("Fetch.getResponseBody", { requestId })) as { body: string; base64Encoded: boolean };
  const text = Buffer.from(body, base64Encoded ? "base64" : "utf8").toString();
  if (taken && !RECORDER.test(text)) throw new Error("the recorder is not where it was");
  const given = Buffer.from(taken ? text.replace(RECORDER, "") : text).toString("base64");
  return page.send("Fetch.fulfillRequest", { requestId, responseCode: responseStatusCode ?? 200, responseHeaders, body: given });
}
