import { afterAll, beforeAll, expect, test } from "vitest";
import { recordingOf } from "./nodes";
import { Site } from "./site";
import { Trap } from "./trap";
import { type Out, type Vector, vectors } from "./vectors";
import { WebKit } from "./webkit";

/** The vectors of `vectors.test.ts` in the engine that the app's windows have on Linux: what reaches the trap is what counts. */
let site: Site;
let trap: Trap;
let webkit: WebKit;

beforeAll(async () => {
  [site, trap, webkit] = await Promise.all([Site.start(), Trap.set(), WebKit.start()]);
  await webkit.open(`${site.app}/?story=replay&player=${encodeURIComponent(`${site.player}/player.html`)}`);
  await webkit.until("document.querySelector('[data-testid=stage]')?.dataset.phase === 'loaded'", "the player is there");
}, 90_000);

afterAll(async () => {
  await webkit?.stop();
  site?.stop();
  trap?.spring();
});

const outOf = (number: number): Out => ({
  at: (name) => `${trap.away}/${number}/${name}`,
  run: `fetch('${trap.away}/${number}/ran');top.ran='ran';void(0)`,
  rawAway: trap.rawAway,
});

async function play(events: object[]): Promise<void> {
  await webkit.run(`new Promise((done, failed) => {
    const { contentWindow } = document.querySelector("[data-testid=stage]");
    window.heard = [];
    window.addEventListener("message", function hear(message) {
      window.heard.push(message.data);
      if (message.data?.say !== "loaded" && message.data?.say !== "failed") return;
      window.removeEventListener("message", hear);
      if (message.data.say === "failed") return failed(new Error("the recording was not rebuilt"));
      const show = (atMs, playing) => contentWindow.postMessage({ say: "show", atMs, playing, speed: 8 }, "*");
      show(1100, false);
      setTimeout(() => show(1250, true), 100);
      setTimeout(() => show(2900, false), 200);
      setTimeout(done, 300);
    });
    contentWindow.postMessage({ say: "load", events: ${JSON.stringify(events)} }, "*");
  })`);
}

const rows = (id: Vector["id"]) => vectors.flatMap((vector, number) => (vector.id === id ? [[vector.name, vector, number] as const] : []));

test.each(rows("V-01"))("V-01 in WebKitGTK %s runs nothing", (_name, vector, number) => shows(vector, number));

test.each(rows("V-03"))("V-03 in WebKitGTK %s asks for nothing", (_name, vector, number) => shows(vector, number));

async function shows(vector: Vector, number: number) {
  const out = outOf(number);
  const first = vector.nodes?.(out) ?? [];
  const later = vector.nodes?.(out) ?? [];
  const events = vector.events?.(out, first[0]?.id ?? 1) ?? [];
  trap.hits.length = 0;
  await play(recordingOf(vector.head?.(out) ?? [], first, later, events));
  expect(trap.hits).toEqual([]);
  expect(await webkit.run("[typeof window.ran, location.pathname, document.querySelectorAll('iframe').length]")).toEqual([
    "undefined",
    "/",
    1,
  ]);
  expect(await webkit.run("window.heard.filter((one) => typeof one !== 'object')")).toEqual([]);
  expect(await webkit.windows()).toBe(1);
}

test("the trap hears WebKitGTK where there are no walls", async () => {
  trap.pages.set("/open", `<img src="${trap.away}/seen"><script src="${trap.away}/script"></script>`);
  trap.hits.length = 0;
  await webkit.open(`${trap.away}/open`);
  await webkit.until("window.ran === 'fetched'", "the script ran");
  expect(trap.hits).toEqual(expect.arrayContaining(["GET /seen", "GET /script"]));
});
