import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SEQUENCES } from "../src/backend/fake/forged";
import { recording } from "../src/backend/fake/recording";
import type { Page } from "./chromium";
import { inChromium } from "./here";
import { element, recordingOf } from "./nodes";
import type { Site } from "./site";
import { spoofs } from "./spoofs";
import { Trap } from "./trap";

/** V-04, V-06, V-07 and V-08 of the threats, over the app's own page and the real player. */
let site: Site;
let trap: Trap;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  trap = await Trap.set();
  await page.size(1280, 800);
}, "--disable-popup-blocking");

afterAll(() => void trap?.spring());

async function open(story: string) {
  await page.open(`${site.app}/?story=${story}&player=${encodeURIComponent(`${site.player}/player.html`)}`);
  await page.until("document.querySelector('[data-testid=stage]')?.dataset.phase === 'loaded'", "the player is there");
}

const count = (selector: string) => page.run<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
const textOf = (id: string) => page.run<string>(`document.querySelector("[data-testid=${id}]").textContent`);

/** So many seconds a report may come after what it reports. */
const LATE = 60;

/** How long a replay says that it is. */
function secondsOf(time: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = (time.split(" ").at(-1) ?? "").split(":").map(Number).reverse();
  return seconds + 60 * minutes + 3600 * hours;
}

test("V-04 what a page reports in the gateway's name is no request, no event and no review, and moves time no further than a report may be late", async () => {
  await open("replay");
  const [requests, events, time] = [await textOf("view-requests"), await count(".events [data-testid^=row-]"), await textOf("replay-time")];
  await open("replay-forged");
  expect(await textOf("view-requests")).toBe(requests);
  expect(requests).toContain(String(recording(0).exchanges.length));
  expect(await count(".events [data-testid^=row-]")).toBe(events);
  expect(secondsOf(await textOf("replay-time"))).toBeLessThanOrEqual(secondsOf(time) + LATE);
  expect(await page.run<boolean>("document.body.textContent.includes('/refund')")).toBe(false);
  expect(await count("[data-testid=mark-reviewed]")).toBe(1);
});

test("V-04 what is rebuilt from a page's reports says so, and what the gateway forwarded says that", async () => {
  await open("replay-forged");
  expect(await textOf("reported")).toBe("Rebuilt from what the page reported");
  await page.run("document.querySelector('[data-testid=view-requests]').click()");
  await page.until("document.querySelector('[data-testid=reported]').textContent === 'What the gateway forwarded'", "the other label");
});

test("V-04 20,000 reports of typing are a few marks, and the page still answers", async () => {
  await open("replay-forged");
  const typed = await page.run<number>("[...document.querySelectorAll('.events .k-t')].length");
  expect(typed).toBeGreaterThan(0);
  expect(typed).toBeLessThan(40);
  const took = await page.run<number>(
    "new Promise((done) => { const from = performance.now(); window.dispatchEvent(new KeyboardEvent('keydown', { key: '.', bubbles: true })); requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from))); })",
  );
  expect(took).toBeLessThan(1000);
});

interface Frames {
  frame: { id: string };
  childFrames?: Frames[];
}
const framesOf = async () => (await page.send("Page.getFrameTree")).frameTree as Frames;

test.each(spoofs)("V-06 %s stays within its frame and gets no press, no key and no screen", async (_name, nodes) => {
  await open("replay");
  trap.hits.length = 0;
  const events = recordingOf([], nodes(), nodes(), []);
  await page.run(`new Promise((done) => {
    window.heard = [];
    window.addEventListener("message", (message) => (window.heard.push(message.data), message.data?.say === "loaded" && done()));
    document.querySelector("[data-testid=stage]").contentWindow.postMessage({ say: "load", events: ${JSON.stringify(events)} }, "*");
  })`);
  await page.run(
    `document.querySelector("[data-testid=stage]").contentWindow.postMessage({ say: "show", atMs: 2900, playing: false, speed: 1 }, "*"), new Promise((done) => setTimeout(done, 200))`,
  );
  const before = await page.run<string>("location.href");
  const box = await page.run<DOMRect>("document.querySelector('[data-testid=stage]').getBoundingClientRect().toJSON()");
  const rim = await page.run<number[]>(`(() => {
    const [frame, around] = ["[data-testid=stage]", ".stage"].map((one) => document.querySelector(one).getBoundingClientRect());
    return [frame.left - around.left, frame.top - around.top, around.right - frame.right, around.bottom - frame.bottom];
  })()`);
  expect(Math.min(...rim), "the app's own rim around the recorded page").toBeGreaterThanOrEqual(16);
  for (const type of ["mousePressed", "mouseReleased"])
    await page.send("Input.dispatchMouseEvent", {
      type,
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      button: "left",
      clickCount: 1,
    });
  await page.send("Input.insertText", { text: "419877" });
  await page.run("new Promise((done) => setTimeout(done, 150))");
  const middle = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  await page.send("DOM.getDocument");
  const { frameId } = await page.send("DOM.getNodeForLocation", middle);
  expect(frameId, "a press is the player's, not the recorded page's").toBe((await framesOf()).childFrames?.[0]?.frame.id);
  expect(await page.run("[location.href, typeof window.ran, document.fullscreenElement === null]")).toEqual([before, "undefined", true]);
  // Keys come from the player's own page alone, and a press of a pointer only where a mark stands (`marks.test.ts`).
  expect(await page.run("window.heard.filter((one) => !['ready', 'loaded', 'key'].includes(one?.say))")).toEqual([]);
  const controls = await page.run<
    string[]
  >(`[...document.querySelectorAll("main button, nav button, nav a, footer button")].filter((one) => {
    const edge = one.getBoundingClientRect();
    if (edge.width === 0 || edge.bottom > innerHeight) return false;
    return document.elementFromPoint(edge.left + edge.width / 2, edge.top + edge.height / 2)?.tagName === "IFRAME";
  }).map((one) => one.textContent)`);
  expect(controls).toEqual([]);
  expect(trap.hits).toEqual([]);
});

test("V-07 no message and no recording switches canvas or scripts on", async () => {
  await open("replay");
  const canvas = element("canvas");
  const draw = {
    type: 3,
    timestamp: 1300,
    data: { source: 9, id: canvas.id, type: 0, commands: [{ property: "fillRect", args: [0, 0, 9, 9] }] },
  };
  const events = recordingOf([], [canvas, element("script", {}, ["top.ran = 1"])], [], [draw]);
  const more = "UNSAFE_replayCanvas: true, config: { UNSAFE_replayCanvas: true }, plugins: [], insertStyleRules: ['*{}']";
  await page.run(`new Promise((done) => {
    window.addEventListener("message", (message) => message.data?.say === "loaded" && done());
    document.querySelector("[data-testid=stage]").contentWindow.postMessage({ say: "load", events: ${JSON.stringify(events)}, ${more} }, "*");
  })`);
  await page.run("new Promise((done) => setTimeout(done, 200))");
  const { root } = (await page.send("DOM.getDocument", { depth: -1, pierce: true })) as { root: object };
  const sandboxes = [...JSON.stringify(root).matchAll(/"sandbox","([^"]*)"/g)].map((found) => found[1]);
  expect(sandboxes).toEqual(["allow-scripts allow-same-origin", "allow-same-origin"]);
  expect(await page.run("typeof window.ran")).toBe("undefined");
});

test("V-07 what replays canvas commands is in no build", () => {
  const assets = join(site.folder, "assets");
  for (const name of readdirSync(assets).filter((one) => one.endsWith(".js")))
    expect(readFileSync(join(assets, name), "utf8"), name).not.toMatch(/config\.UNSAFE_replayCanvas/);
});

test("V-08 there is no terminal: no part of it is here, and Replay has no place for one", async () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Record<string, Record<string, string>>;
  const named = Object.keys({ ...dependencies, ...devDependencies });
  expect(named.filter((one) => /xterm|terminal|asciinema|ansi|vt100|hterm|pty/i.test(one))).toEqual([]);
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((one) => /\.tsx?$/.test(one) && !one.includes("fake/"));
  expect(sources.filter((one) => /from "[^"]*(?:xterm|asciinema|hterm)/.test(readFileSync(join("src", one), "utf8")))).toEqual([]);
  await open("replay");
  expect(await page.run<string[]>("[...document.querySelectorAll('.strip button')].map((one) => one.dataset.testid)")).toEqual([
    "view-screen",
    "view-requests",
  ]);
});

test("V-08 what would speak to a terminal is a text", async () => {
  await open("replay-forged");
  await page.run(
    "window.copied = []; navigator.clipboard && (navigator.clipboard.writeText = (text) => (window.copied.push(text), Promise.resolve()))",
  );
  const title = await page.run<string>("document.title");
  await page.run("document.querySelector('[data-testid=view-requests]').click()");
  await page.until("document.querySelector('.requests .amber')", "a request that changed something");
  await page.run("document.querySelector('.requests .amber').closest('button').click()");
  await page.until("document.querySelector('[data-testid=exchange] pre.body')", "its answer");
  const shown = await page.run<string[]>("[...document.querySelectorAll('[data-testid=exchange] pre.body')].map((one) => one.textContent)");
  expect(shown).toContain(SEQUENCES);
  expect(await count("[data-testid=exchange] pre *")).toBe(0);
  expect(await page.run("[document.title, window.copied.length]")).toEqual([title, 0]);
});
