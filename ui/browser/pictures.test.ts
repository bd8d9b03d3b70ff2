import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NOW } from "../src/backend/fake/samples";
import { stories } from "../src/backend/fake/stories";
import { Chromium, type Page } from "./chromium";
import { beside, decode, difference, encode, halved, type Picture } from "./png";
import { Site } from "./site";

/**
 * Each state of each screen at the least size of the window, in half its size, light and dark side by side, against the
 * picture in `pictures/`. `npm run pictures` draws them anew: look at what changed before it is committed.
 */
const FOLDER = new URL("./pictures/", import.meta.url).pathname;
const ANEW = process.env.PICTURES === "anew";
const [WIDTH, HEIGHT] = [960, 600];
const COLOURS = 40;
/** The sum of three channels: more than fewer colours and another build of Chromium make, less than another meaning. */
const TOLERANCE = 110;
/** Of all points. The same build of Chromium differs by a ten-thousandth at most; one short word in a button is thirty. */
const MAY_DIFFER = 0.0008;
const PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
/** A recorded page is drawn by the player, which has a test of its own. */
const WITHOUT_PLAYER = "document.querySelectorAll('iframe').forEach((frame) => (frame.style.visibility = 'hidden'))";
/** The clock stands still, and so does everything that moves by it. */
const STILL = `{ const now = ${NOW * 1000}; const Real = Date; window.Date = class extends Real { constructor(...given) { given.length ? super(...given) : super(now); } static now() { return now; } }; } if (location.protocol === 'http:') localStorage.clear();`;

const here = Chromium.isHere();
let site: Site;
let chromium: Chromium;
let page: Page;

beforeAll(async () => {
  if (!here) return console.warn("Pictures are not compared: Chromium is missing. Install it with: sudo apt-get install -y chromium");
  mkdirSync(FOLDER, { recursive: true });
  [site, chromium] = await Promise.all([Site.start(), Chromium.start("--font-render-hinting=none", "--disable-lcd-text")]);
  page = await chromium.page();
  await page.size(WIDTH, HEIGHT);
  await page.send("Emulation.setTimezoneOverride", { timezoneId: "UTC" });
  await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: STILL });
}, 60_000);

afterAll(async () => {
  await chromium?.stop();
  site?.stop();
});

async function drawn(): Promise<Picture> {
  // Halved here: a layer that begins at an odd line has two places to be in at half the size.
  const { data } = await page.send("Page.captureScreenshot", { format: "png" });
  return halved(decode(Buffer.from(data as string, "base64")));
}

async function told(name: string): Promise<Picture> {
  const bar = stories[name]?.page === "bar";
  const player = encodeURIComponent(`${site.player}/player.html`);
  await page.open(`${site.app}/${bar ? "bar.html" : ""}?story=${name}&theme=light&player=${player}`);
  await page.until(
    "document.querySelector('h1, .session-bar .org, .dialog, [data-testid=fault]') && document.fonts.status === 'loaded' && document.documentElement.dataset.told",
    `${name} is shown`,
  );
  await page.run("document.body.style.caretColor = 'transparent'; new Promise((done) => setTimeout(done, 250))");
  const themes: Picture[] = [];
  for (const theme of ["light", "dark"]) {
    await page.run(`${WITHOUT_PLAYER}; document.documentElement.dataset.theme = "${theme}"; ${PAINTED}`);
    themes.push(await drawn());
  }
  return beside(themes[0] as Picture, themes[1] as Picture);
}

test.skipIf(!here).each(Object.keys(stories))("%s looks as its picture", { retry: 2 }, async (name) => {
  const file = join(FOLDER, `${name}.png`);
  const picture = await told(name);
  if (ANEW) return writeFileSync(file, encode(picture, COLOURS));
  expect(existsSync(file), `${name} has no picture yet; draw it with npm run pictures`).toBe(true);
  const differs = difference(decode(readFileSync(file)), picture, TOLERANCE);
  if (differs <= MAY_DIFFER) return;
  const seen = join(tmpdir(), `countersign-${name}.png`);
  writeFileSync(seen, encode(picture, 64));
  expect.fail(`${(differs * 100).toFixed(2)} % differs from ${file}. What was seen is in ${seen}.`);
});
