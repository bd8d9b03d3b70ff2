import { expect, test } from "vitest";
import type { Page } from "./chromium";
import { inChromium } from "./here";
import type { Site } from "./site";

const MOST_MS = 80;
/** A machine that does something else at the moment is asked again for as long as this takes. */
const TRIES = 40;

let site: Site;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  await page.size(1280, 800);
});

/** From the press of Ctrl K until the field is painted and takes what is typed. */
const opened = `(async () => {
  const from = performance.now();
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const field = document.querySelector("[data-testid=palette-input]");
  const took = performance.now() - from;
  const ready = field !== null && document.activeElement === field;
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  await new Promise((done) => setTimeout(done, 200));
  return ready ? took : Infinity;
})()`;

test("the palette opens in under 80 ms", async () => {
  await page.open(`${site.app}/?story=sessions`);
  await page.until("document.querySelector('[data-testid=row-S-90398]') && document.fonts.status === 'loaded'");
  const times: number[] = [];
  // One of them is enough: what else the machine does at the moment is not measured.
  while (times.length < TRIES && !times.some((one) => one < MOST_MS)) times.push(await page.run<number>(opened));
  expect(Math.min(...times), times.join(", ")).toBeLessThan(MOST_MS);
});
