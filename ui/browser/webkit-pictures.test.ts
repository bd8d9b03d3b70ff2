import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NOW } from "../src/backend/fake/samples";
import { stories } from "../src/backend/fake/stories";
import { beside, decode, difference, encode, halved, type Picture } from "./png";
import { Site } from "./site";
import { WebKit } from "./webkit";

/**
 * Each state of each screen in the engine of the app's own windows on Linux, drawn by the processor as there: light and dark side
 * by side in half their size, against the picture in `webkit-pictures/`. `npm run pictures` draws them anew.
 */
const FOLDER = new URL("./webkit-pictures/", import.meta.url).pathname;
const ANEW = process.env.PICTURES === "anew";
const [WIDTH, HEIGHT] = [960, 600];
const COLOURS = 64;
/** The sum of three channels, and the part of all points that may differ by more: a short word in a button is four to eight ten-thousandths. */
const [TOLERANCE, MAY_DIFFER] = [110, 0.0004];
const PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
const SETTLED =
  "document.querySelector('h1, .session-bar .org, .dialog, [data-testid=fault]') && document.fonts.status === 'loaded' && document.documentElement.dataset.told";
/** Nothing of the page has changed for a while, however slow the machine is. */
const QUIET = `new Promise((done) => {
  let timer = 0;
  const again = () => (clearTimeout(timer), (timer = setTimeout(() => (document.fonts.status === "loaded" ? (watch.disconnect(), done()) : again()), 150)));
  const watch = new MutationObserver((changes) => changes.some((one) => one.target.id !== "point") && again());
  watch.observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
  again();
})`;
/** Whether a pane to which a closed question gave the focus back has a ring is the engine's guess of what was used last; a layer may take it late. */
const WITHOUT_RING = "() => document.querySelector('[data-pane]:focus')?.blur()";
/** A recorded page is drawn by the player, which has a test of its own. */
const WITHOUT_PLAYER = "document.querySelectorAll('iframe').forEach((frame) => (frame.style.visibility = 'hidden'))";
/** The driver gives a picture of the next frame, and a page on which nothing changes has none: a point that nobody sees does. */
const FRAMES = `addEventListener("DOMContentLoaded", () => { const point = document.body.appendChild(document.createElement("i")); point.id = "point"; point.style.cssText = "position:fixed;inset-block-end:0;inset-inline-end:0;width:1px;height:1px"; let turn = 0; setInterval(() => (point.style.backgroundColor = \`rgb(0 0 0 / \${(turn = 1 - turn) / 255})\`), 40); })`;
/** A bar beside a list is gone a while after it was shown. No picture is drawn with one: what is told about as slowly is waited for too. */
const TAKES_LONG = new Set(["sessions-more-columns", "access-extending-wrong-code"]);
const BAR_IS_GONE = "new Promise((done) => setTimeout(done, 4000))";
/** The clock stands still, and nothing is remembered from the story before. */
const STILL = `{ const now = ${NOW * 1000}; const Real = Date; window.Date = class extends Real { constructor(...given) { given.length ? super(...given) : super(now); } static now() { return now; } }; } localStorage.clear();`;

const here = WebKit.isHere();
let site: Site;
let webkit: WebKit;

beforeAll(async () => {
  if (!here) return console.warn(`Pictures in WebKitGTK are not compared: it is missing. ${WebKit.HOW}`);
  mkdirSync(FOLDER, { recursive: true });
  [site, webkit] = await Promise.all([Site.start(`${STILL} ${FRAMES}`), WebKit.start("as the app draws")]);
  await webkit.open(`${site.app}/?story=join`);
  await webkit.size(WIDTH, HEIGHT);
}, 90_000);

afterAll(async () => {
  await webkit?.stop();
  site?.stop();
});

async function told(name: string): Promise<Picture> {
  const bar = stories[name]?.page === "bar";
  const player = encodeURIComponent(`${site.player}/player.html`);
  await webkit.open(`${site.app}/${bar ? "bar.html" : ""}?story=${name}&theme=light&player=${player}`);
  await webkit.until(SETTLED, `${name} is shown`);
  await webkit.run(`(document.body.style.caretColor = "transparent", ${QUIET}.then(${WITHOUT_RING}))`);
  if (ANEW || TAKES_LONG.has(name)) await webkit.run(BAR_IS_GONE);
  const themes: Picture[] = [];
  for (const theme of ["light", "dark"]) {
    await webkit.run(`(${WITHOUT_PLAYER}, (${WITHOUT_RING})(), document.documentElement.dataset.theme = "${theme}", ${PAINTED})`);
    themes.push(halved(decode(await webkit.picture())));
  }
  return beside(themes[0] as Picture, themes[1] as Picture);
}

test.skipIf(!here).each(Object.keys(stories))("%s looks as its picture in WebKitGTK", { retry: 2 }, async (name) => {
  const file = join(FOLDER, `${name}.png`);
  const picture = await told(name);
  if (ANEW) {
    // What was drawn while the machine was busy with something else is not kept.
    expect(difference(await told(name), picture, TOLERANCE), `${name} is the same twice`).toBeLessThanOrEqual(MAY_DIFFER / 4);
    return writeFileSync(file, encode(picture, COLOURS));
  }
  expect(existsSync(file), `${name} has no picture yet; draw it with npm run pictures`).toBe(true);
  const differs = difference(decode(readFileSync(file)), picture, TOLERANCE);
  if (differs <= MAY_DIFFER) return;
  // It is looked at once more as one that was told slowly.
  TAKES_LONG.add(name);
  const seen = join(tmpdir(), `countersign-webkit-${name}.png`);
  writeFileSync(seen, encode(picture, COLOURS));
  expect.fail(`${(differs * 100).toFixed(2)} % differs from ${file}. What was seen is in ${seen}.`);
});
