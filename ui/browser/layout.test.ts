import { expect, test } from "vitest";
import { stories } from "../src/backend/fake/stories";
import type { Page } from "./chromium";
import { inChromium } from "./here";
import { contrast, measure } from "./measure";
import type { Site } from "./site";

const SIZES = [
  [960, 600],
  [1280, 800],
  [1440, 900],
] as const;
/** A session window may be narrower than the main one. */
const BAR_SIZES = [[720, 480], ...SIZES] as const;
const PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
const SETTLED =
  "document.querySelector('h1, .session-bar .org, .dialog, [data-testid=fault]') && document.fonts.status === 'loaded' && document.documentElement.dataset.told";

let site: Site;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  await page.send("Log.enable");
  await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  await page.send("Page.addScriptToEvaluateOnNewDocument", {
    source:
      "if (location.protocol === 'http:') localStorage.clear(); window.refused = []; document.addEventListener('securitypolicyviolation', (event) => window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`))",
  });
});

async function tell(name: string) {
  const bar = stories[name]?.page === "bar";
  const player = encodeURIComponent(`${site.player}/player.html`);
  await page.open(`${site.app}/${bar ? "bar.html" : ""}?story=${name}&theme=light&player=${player}`);
  await page.until(SETTLED, `${name} is shown`);
  await page.run("new Promise((done) => setTimeout(done, 120))");
}

/** What does not fit, once the page has had the time to measure itself anew: on a busy machine that takes more than a frame or two. */
async function measured(where: string): Promise<string[]> {
  const look = () => page.run<string[]>(`(${measure.toString()})()`);
  let found = await look();
  for (let again = 0; found.length && again < 5; again += 1) {
    await page.run("new Promise((done) => setTimeout(done, 300))");
    found = await look();
  }
  return found.map((one) => `${where}: ${one}`);
}

test.each(Object.keys(stories))("%s fits at every size, can be read in both themes, and breaks no policy", async (name) => {
  page.troubles.length = 0;
  const wrong: string[] = [];
  await page.size(1280, 800);
  await tell(name);
  for (const [width, height] of stories[name]?.page === "bar" ? BAR_SIZES : SIZES) {
    await page.size(width, height);
    await page.run(PAINTED);
    wrong.push(...(await measured(`${width}x${height}`)));
  }
  // Text alone grows (WCAG 1.4.4); the least window holds it too.
  await page.size(960, 600);
  await page.run(`document.documentElement.dataset.textSize = "1.3"; ${PAINTED}`);
  wrong.push(...(await measured("960x600 at 1.3")));
  await page.run("delete document.documentElement.dataset.textSize");
  // And from right to left, in languages that run so.
  await page.run(`document.documentElement.dir = "rtl"; ${PAINTED}`);
  wrong.push(...(await measured("from right to left")));
  await page.run("document.documentElement.dir = ''");
  for (const theme of ["light", "dark"]) {
    await page.run(`document.documentElement.dataset.theme = "${theme}"; ${PAINTED}`);
    wrong.push(...(await page.run<string[]>(`(${contrast.toString()})()`)).map((one) => `${theme}, contrast ${one}`));
  }
  wrong.push(...(await page.run<string[]>("window.refused")).map((one) => `policy: ${one}`));
  expect([...wrong, ...page.troubles]).toEqual([]);
});

test("the question for more time fits under the bar at every size", async () => {
  const wrong: string[] = [];
  for (const [width, height] of BAR_SIZES) {
    await page.size(width, height);
    await tell("bar-more-code");
    await page.run(`document.querySelector("[data-testid=extend-session]").click(); ${PAINTED}`);
    await page.run(`document.querySelector("[data-testid=send-more]").click(); ${PAINTED}`);
    await page.until("document.querySelector('.code-wrong')", "an older code is said");
    wrong.push(
      ...(await page.run<string[]>(`[...(${measure.toString()})(), ...(${contrast.toString()})()]`)).map((one) => `${width}: ${one}`),
    );
  }
  expect(wrong).toEqual([]);
});

test("how many more wait for a review stands in sight in the least window, with the largest text", async () => {
  await page.size(960, 600);
  await tell("replay");
  for (const scale of ["1", "1.3"]) {
    await page.run(`document.documentElement.dataset.textSize = "${scale}"; ${PAINTED}`);
    const seen = await page.run<boolean>(
      `{ const one = document.querySelector("[data-testid=to-review]"); const box = one.getBoundingClientRect(); one.contains(document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2)) && one.scrollWidth <= one.clientWidth + 1 && box.right <= innerWidth && box.width > 60; }`,
    );
    expect(seen, `at ${scale}`).toBe(true);
  }
  await page.run("delete document.documentElement.dataset.textSize");
});

test("a press on the timeline goes to what is drawn there", async () => {
  await page.size(960, 600);
  await tell("replay");
  const [flag, head] = await page.run<[number, number]>(
    `{ const left = (one) => one.getBoundingClientRect().left; const track = document.querySelector(".track"); const flag = track.querySelector("[data-testid^=flag]"); const at = left(flag); track.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, clientX: at, clientY: track.getBoundingClientRect().top + 20 })); new Promise((done) => setTimeout(() => { const [line] = [...track.querySelectorAll("svg > path")].slice(-2); done([at, left(line)]); }, 200)); }`,
  );
  expect(Math.abs(flag - head)).toBeLessThan(2);
});

test("a page that breaks the policy is noticed", async () => {
  await tell("access");
  await page.run("document.body.append(Object.assign(document.createElement('style'), { textContent: 'p{color:red}' }))");
  expect((await page.run<string[]>("window.refused")).join()).toContain("style-src");
});

test("what lies over something else, is cut, is too small or too pale is found", async () => {
  await tell("access");
  await page.run(
    `document.querySelector("main h1").insertAdjacentHTML("afterend", '<div class="trial"><button id="one">One thing</button><button id="two">Another</button><b id="pale">Too pale</b><p id="cut">A sentence that has no room at all</p></div>')`,
  );
  await page.run(
    `for (const [id, style] of Object.entries({ two: "margin-left:-30px", pale: "color:oklch(0.8 0 0)", cut: "width:40px;overflow:hidden;white-space:nowrap" })) document.getElementById(id).style.cssText = style; ${PAINTED}`,
  );
  const found = (await page.run<string[]>(`[...(${measure.toString()})(), ...(${contrast.toString()})()]`)).join("\n");
  for (const said of [/One thing” lies over .*Another/, /no room at all” is cut/, /px$/m, /Too pale/]) expect(found).toMatch(said);
});
