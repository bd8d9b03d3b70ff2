import { afterAll, beforeAll, expect, test } from "vitest";
import { SEQUENCES } from "../src/backend/fake/forged";
import { recording } from "../src/backend/fake/recording";
import { element, recordingOf } from "./nodes";
import { Site } from "./site";
import { spoofs } from "./spoofs";
import { Trap } from "./trap";
import { WebKit } from "./webkit";

/** V-04, V-06, V-07 and V-08 of the threats in the engine that the app's windows have on Linux; `forged.test.ts` has Chromium. */
const STAGE = "[data-testid=stage]";
const LATE = 60;
let site: Site;
let trap: Trap;
let webkit: WebKit;

beforeAll(async () => {
  [site, trap, webkit] = await Promise.all([Site.start(), Trap.set(), WebKit.start("as the app draws")]);
}, 90_000);

afterAll(async () => {
  await webkit?.stop();
  site?.stop();
  trap?.spring();
});

async function open(story: string) {
  await webkit.open(`${site.app}/?story=${story}&player=${encodeURIComponent(`${site.player}/player.html`)}`);
  await webkit.until(`document.querySelector('${STAGE}')?.dataset.phase === 'loaded'`, "the player is there");
}

const wait = (ms: number) => webkit.run(`new Promise((done) => setTimeout(done, ${ms}))`);
const count = (selector: string) => webkit.run<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
const textOf = (id: string) => webkit.run<string>(`document.querySelector("[data-testid=${id}]").textContent`);

async function load(events: object[], more = "") {
  await webkit.run(`new Promise((done) => {
    window.heard = [];
    window.addEventListener("message", (message) => (window.heard.push(message.data), message.data?.say === "loaded" && done()));
    document.querySelector("${STAGE}").contentWindow.postMessage({ say: "load", events: ${JSON.stringify(events)} ${more} }, "*");
  })`);
  await webkit.run(
    `document.querySelector("${STAGE}").contentWindow.postMessage({ say: "show", atMs: 2900, playing: false, speed: 1 }, "*")`,
  );
  await wait(200);
}

function secondsOf(time: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = (time.split(" ").at(-1) ?? "").split(":").map(Number).reverse();
  return seconds + 60 * minutes + 3600 * hours;
}

test("V-04 in WebKitGTK what a page reports in the gateway's name is no request, no event and no review, and says what it is", async () => {
  await open("replay");
  const [requests, events, time] = [await textOf("view-requests"), await count(".events [data-testid^=row-]"), await textOf("replay-time")];
  await open("replay-forged");
  expect(await textOf("view-requests")).toBe(requests);
  expect(requests).toContain(String(recording(0).exchanges.length));
  expect(await count(".events [data-testid^=row-]")).toBe(events);
  expect(secondsOf(await textOf("replay-time"))).toBeLessThanOrEqual(secondsOf(time) + LATE);
  expect(await webkit.run("document.body.textContent.includes('/refund')")).toBe(false);
  expect(await count("[data-testid=mark-reviewed]")).toBe(1);
  expect(await textOf("reported")).toBe("Rebuilt from what the page reported");
  const typed = await count(".events .k-t");
  expect(typed).toBeGreaterThan(0);
  expect(typed).toBeLessThan(40);
});

test.each(spoofs)("V-06 in WebKitGTK %s stays within its frame and gets no press, no key and no screen", async (_name, nodes) => {
  await open("replay");
  trap.hits.length = 0;
  await load(recordingOf([], nodes(), nodes(), []));
  const before = await webkit.run<string>("location.href");
  const [x, y, rim] = await webkit.run<[number, number, number]>(`(() => {
    const [frame, around] = ["${STAGE}", ".stage"].map((one) => document.querySelector(one).getBoundingClientRect());
    const edges = [frame.left - around.left, frame.top - around.top, around.right - frame.right, around.bottom - frame.bottom];
    return [frame.x + frame.width / 2, frame.y + frame.height / 2, Math.min(...edges)];
  })()`);
  expect(rim, "the app's own rim around the recorded page").toBeGreaterThanOrEqual(16);
  await webkit.press(x, y);
  await webkit.type("419877");
  await wait(150);
  const middle = await webkit.runIn<string>(STAGE, "document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.tagName ?? ''");
  expect(middle, "a press is the player's, not the recorded page's").not.toBe("IFRAME");
  expect(await webkit.run("[location.href, typeof window.ran, document.fullscreenElement === null]")).toEqual([before, "undefined", true]);
  expect(await webkit.run("window.heard.filter((one) => !['ready', 'loaded', 'key'].includes(one?.say))")).toEqual([]);
  const covered = await webkit.run(`[...document.querySelectorAll("main button, nav button, nav a, footer button")].filter((one) => {
    const edge = one.getBoundingClientRect();
    if (edge.width === 0 || edge.bottom > innerHeight) return false;
    return document.elementFromPoint(edge.left + edge.width / 2, edge.top + edge.height / 2)?.tagName === "IFRAME";
  }).map((one) => one.textContent)`);
  expect(covered).toEqual([]);
  expect(trap.hits).toEqual([]);
  expect(await webkit.windows()).toBe(1);
});

test("V-07 in WebKitGTK no message and no recording switches canvas or scripts on", async () => {
  await open("replay");
  const canvas = element("canvas", { width: "9", height: "9" });
  const commands = [{ property: "fillRect", args: [0, 0, 9, 9] }];
  const draw = { type: 3, timestamp: 1300, data: { source: 9, id: canvas.id, type: 0, commands } };
  const more = ", UNSAFE_replayCanvas: true, config: { UNSAFE_replayCanvas: true }, plugins: [], insertStyleRules: ['*{}']";
  await load(recordingOf([], [canvas, element("script", {}, ["top.ran = 1"])], [], [draw]), more);
  expect(await webkit.run(`document.querySelector("${STAGE}").getAttribute("sandbox")`)).toBe("allow-scripts allow-same-origin");
  const inside = `[...document.querySelectorAll("iframe")].map((one) => {
    const canvas = one.contentDocument.querySelector("canvas");
    const drawn = canvas?.getContext?.("2d")?.getImageData(0, 0, 9, 9).data.some((byte) => byte !== 0) ?? false;
    return [one.getAttribute("sandbox"), drawn];
  })`;
  expect(await webkit.runIn(STAGE, inside)).toEqual([["allow-same-origin", false]]);
  expect(await webkit.run("typeof window.ran")).toBe("undefined");
});

test("V-08 in WebKitGTK there is no terminal, and what would speak to one is a text", async () => {
  await open("replay-forged");
  expect(await webkit.run("[...document.querySelectorAll('.strip button')].map((one) => one.dataset.testid)")).toEqual([
    "view-screen",
    "view-requests",
  ]);
  await webkit.run(
    "window.copied = [], navigator.clipboard && (navigator.clipboard.writeText = (text) => (window.copied.push(text), Promise.resolve())), 0",
  );
  const title = await webkit.run<string>("document.title");
  await webkit.run("document.querySelector('[data-testid=view-requests]').click()");
  await webkit.until("document.querySelector('.requests .amber')", "a request that changed something");
  await webkit.run("document.querySelector('.requests .amber').closest('button').click()");
  await webkit.until("document.querySelector('[data-testid=exchange] pre.body')", "its answer");
  expect(await webkit.run("[...document.querySelectorAll('[data-testid=exchange] pre.body')].map((one) => one.textContent)")).toContain(
    SEQUENCES,
  );
  expect(await count("[data-testid=exchange] pre *")).toBe(0);
  expect(await webkit.run("[document.title, window.copied.length]")).toEqual([title, 0]);
});
