import { expect, test } from "vitest";
import type { Page } from "./chromium";
import { inChromium } from "./here";
import type { Site } from "./site";

/** Marks that are pressed on a recorded page, in the real player: they are chosen, whatever its size, and nothing else is. */
let site: Site;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  await page.size(1280, 800);
});

let lastId = 0;
const element = (tagName: string, style: string, ...childNodes: object[]) => ({
  type: 2,
  id: ++lastId,
  tagName,
  attributes: style ? { style } : {},
  childNodes,
});
const text = (textContent: string) => ({ type: 3, id: ++lastId, textContent });

/** A page that is larger than any stage, with one text on each half of it. */
const recorded = (left: string, right: string) => {
  const half = (side: string) => `position:absolute;margin:0;top:0;bottom:0;width:50%;${side}:0`;
  const body = element("body", "margin:0", element("p", half("left"), text(left)), element("p", half("right"), text(right)));
  const node = { type: 0, id: ++lastId, childNodes: [element("html", "", element("head", ""), body)] };
  return [
    { type: 4, timestamp: 1000, data: { href: "https://payroll.test/", width: 2400, height: 1600 } },
    { type: 2, timestamp: 1010, data: { node, initialOffset: { left: 0, top: 0 } } },
  ];
};

async function shown(left: string, right: string) {
  const stage = `document.querySelector("[data-testid=stage]").contentWindow`;
  await page.run(`new Promise((done) => {
    window.addEventListener("message", (message) => message.data?.say === "loaded" && done());
    ${stage}.postMessage({ say: "load", events: ${JSON.stringify(recorded(left, right))} }, "*");
  })`);
  await page.run(
    `${stage}.postMessage({ say: "show", atMs: 1200, playing: false, speed: 1 }, "*"), new Promise((done) => setTimeout(done, 300))`,
  );
}

async function press(across: number) {
  const box = await page.run<DOMRect>("document.querySelector('[data-testid=stage]').getBoundingClientRect().toJSON()");
  for (const type of ["mousePressed", "mouseReleased"])
    await page.send("Input.dispatchMouseEvent", {
      type,
      x: box.x + box.width * across,
      y: box.y + box.height / 2,
      button: "left",
      clickCount: 1,
    });
  await page.run("new Promise((done) => setTimeout(done, 150))");
  return page.run<string>("document.querySelector('[data-testid=chosen-marks]').textContent");
}

test("a mark is chosen where it is pressed on a page, and let go there", async () => {
  await page.open(`${site.app}/?story=replay-marks&player=${encodeURIComponent(`${site.player}/player.html`)}`);
  await page.until("document.querySelector('[data-testid=stage]')?.dataset.phase === 'loaded'", "the player is there");
  await page.until("document.documentElement.dataset.told", "the marks are listed");
  await shown("[masked date of birth b81d5530f4c2996e]", "[masked account 0011223344556677], of another recording");
  expect(await press(0.75), "what is no mark of this recording").toBe("");
  expect(await press(0.25)).toBe("1 mark chosen");
  expect(await page.run("document.querySelector('[data-testid=mark-b81d5530f4c2996e]').checked")).toBe(true);
  expect(await press(0.25)).toBe("");
});
