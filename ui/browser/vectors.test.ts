import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium, type Page } from "./chromium";
import { type Node, recordingOf, written } from "./nodes";
import { Site } from "./site";
import { Trap } from "./trap";
import { type Out, type Vector, vectors } from "./vectors";

/**
 * Each thing that a recorded page may hold, one by one, in the real player under the app's own page: nothing runs, nothing is
 * asked for, nothing goes anywhere. And each, where Chromium shows it at all, in a page without walls: there it does.
 */
let site: Site;
let trap: Trap;
let chromium: Chromium;
let page: Page;
/** What the browser itself says went out, ran and went elsewhere, as long as a vector is played. */
const seen = { asked: new Map<string, string>(), ran: [] as string[], went: [] as string[] };
const ours = new Set<string>();

beforeAll(async () => {
  [site, trap, chromium] = await Promise.all([
    Site.start(),
    Trap.set(),
    Chromium.start("--disable-popup-blocking", "--autoplay-policy=no-user-gesture-required"),
  ]);
  page = await chromium.page();
  await page.size(1280, 800);
  chromium.hear(({ sessionId, method, params }) => {
    const { request, frame, executionContextAuxData: context } = (params ?? {}) as Record<string, Record<string, string>>;
    const { requestId = "", blockedReason, url } = (params ?? {}) as Record<string, string>;
    if (method === "Target.targetCreated") seen.went.push("a window");
    if (sessionId !== page.session) return;
    if (method === "Network.requestWillBeSent" && !/^(data|about|blob):/.test(request?.url ?? ""))
      seen.asked.set(requestId, request?.url ?? "");
    // What the policy refuses, or the rule of one origin, never leaves the page; it is announced all the same.
    if (method === "Network.loadingFailed" && ["csp", "origin"].includes(blockedReason ?? "")) seen.asked.delete(requestId);
    if (method === "Debugger.scriptParsed" && !ours.has(context?.frameId ?? "")) seen.ran.push(url ?? "");
    if (method === "Page.frameNavigated" && !/^(about|chrome-error):/.test(frame?.url ?? "")) seen.went.push(frame?.url ?? "");
    if (method === "Page.javascriptDialogOpening") seen.ran.push("a dialog");
  });
  await page.send("Network.enable");
  await play([], [], [], []);
  const { frameTree } = (await page.send("Page.getFrameTree")) as { frameTree: Tree };
  ours.add(frameTree.frame.id);
  for (const { frame } of frameTree.childFrames ?? []) ours.add(frame.id);
  await page.send("Debugger.enable");
  await chromium.send("Target.setDiscoverTargets", { discover: true });
}, 60_000);

afterAll(async () => {
  await chromium?.stop();
  site?.stop();
  trap?.spring();
});

interface Tree {
  frame: { id: string; url: string };
  childFrames?: Tree[];
}

/** Opens Replay once, and has its player play a recording. */
async function play(head: Node[], first: Node[], later: Node[], events: object[]) {
  if (ours.size === 0) {
    await page.open(`${site.app}/?story=replay&player=${encodeURIComponent(`${site.player}/player.html`)}`);
    await page.until("document.querySelector('[data-testid=stage]')?.dataset.phase === 'loaded'", "the player is there");
  }
  await page.run(`new Promise((done, failed) => {
    const { contentWindow } = document.querySelector("[data-testid=stage]");
    window.heard = [];
    window.addEventListener("message", function hear(message) {
      window.heard.push(message.data);
      if (message.data?.say !== "loaded" && message.data?.say !== "failed") return;
      window.removeEventListener("message", hear);
      if (message.data.say === "loaded") done();
      else failed(new Error("the recording was not rebuilt"));
    });
    contentWindow.postMessage({ say: "load", events: ${JSON.stringify(recordingOf(head, first, later, events))} }, "*");
  })`);
  for (const [atMs, playing] of [
    [1100, false],
    [1250, true],
    [2900, false],
  ])
    await page.run(
      `document.querySelector("[data-testid=stage]").contentWindow.postMessage({ say: "show", atMs: ${atMs}, playing: ${playing}, speed: 8 }, "*"), new Promise((done) => setTimeout(done, 120))`,
    );
}

const outOf = (number: number): Out => ({
  at: (name) => `${trap.away}/${number}/${name}`,
  run: `fetch('${trap.away}/${number}/ran');top.ran='ran';void(0)`,
  rawAway: trap.rawAway,
});

function parts(vector: Vector, out: Out) {
  const first = vector.nodes?.(out) ?? [];
  const later = vector.nodes?.(out) ?? [];
  return { head: vector.head?.(out) ?? [], first, later, events: vector.events?.(out, first[0]?.id ?? 1) ?? [] };
}

const rows = (id: Vector["id"]) => vectors.flatMap((vector, number) => (vector.id === id ? [[vector.name, vector, number] as const] : []));

test.each(rows("V-01"))("V-01 %s runs nothing", (_name, vector, number) => shows(vector, number));

test.each(rows("V-03"))("V-03 %s asks for nothing", (_name, vector, number) => shows(vector, number));

async function shows(vector: Vector, number: number) {
  const { head, first, later, events } = parts(vector, outOf(number));
  Object.assign(seen, { asked: new Map(), ran: [], went: [] });
  trap.hits.length = 0;
  await play(head, first, later, events);
  expect({ ...seen, asked: [...seen.asked.values()], heard: trap.hits }).toEqual({ asked: [], ran: [], went: [], heard: [] });
  expect(await page.run("[typeof window.ran, location.pathname, document.querySelectorAll('iframe').length]")).toEqual([
    "undefined",
    "/",
    1,
  ]);
  expect(await page.run("window.heard.filter((one) => typeof one !== 'object')")).toEqual([]);
}

/** The same as a page of its own: loaded, its links and buttons pressed, and looked at whether anything came of it. */
async function without(walls: Page, vector: Vector, number: number): Promise<boolean> {
  const { head, first } = parts(vector, outOf(number));
  const html = `<!doctype html><html><head>${head.map(written).join("")}</head><body>${first.map(written).join("")}</body></html>`;
  trap.pages.set(`/plain/${number}`, html);
  trap.hits.length = 0;
  await walls.open(`${trap.away}/plain/${number}`);
  const came = async () => trap.hits.length > 0 || (await walls.run<boolean>("top.ran !== undefined").catch(() => false));
  const wait = () => new Promise((done) => setTimeout(done, 150));
  await wait();
  if (await came()) return true;
  await walls
    .run(
      `document.querySelectorAll("a, area, button, input[type=submit]").forEach((one) => one.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })))`,
    )
    .catch(() => {});
  await wait();
  return came();
}

test("each of them that Chromium shows at all is seen in a page without walls", { timeout: 120_000 }, async () => {
  const walls = await chromium.page();
  const silent: string[] = [];
  for (const [number, vector] of vectors.entries())
    if (!vector.quiet && !(await without(walls, vector, number))) silent.push(`${vector.id} ${vector.name}`);
  expect(silent).toEqual([]);
});
