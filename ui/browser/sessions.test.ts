import { expect, test } from "vitest";
import type { Page } from "./chromium";
import { inChromium } from "./here";
import type { Site } from "./site";

/** 30 pictures a second, and nothing blank for longer than a tenth of one (DESIGN 5.6). */
const [SLOWEST_MS, BLANK_MS] = [1000 / 30, 100];
const [TURNS, TRIES] = [60, 6];

let site: Site;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  await page.size(1280, 800);
});

const GRID = "document.querySelector('[role=grid]')";
const PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

async function open(story: string) {
  await page.open(`${site.app}/?story=${story}`);
  await page.until(`${GRID}?.querySelector('tbody [role=row]') && document.fonts.status === 'loaded'`);
  await page.run(`${GRID}.focus()`);
}

const press = (key: string) =>
  page.run(`${GRID}.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", bubbles: true, cancelable: true })), ${PAINTED}`);

/** The row that is chosen, as somebody who hears the page knows it and as somebody who sees it does. */
const chosen = () =>
  page.run<{ index: number; active: boolean; seen: boolean; drawn: number; of: number }>(`(() => {
    const grid = ${GRID};
    const row = grid.querySelector("[aria-selected=true]");
    const [box, edge, head] = [row.getBoundingClientRect(), grid.parentElement.getBoundingClientRect(), grid.querySelector("th").getBoundingClientRect()];
    return {
      index: Number(row.getAttribute("aria-rowindex")),
      active: grid.getAttribute("aria-activedescendant") === row.id,
      seen: box.top >= head.bottom - 1 && box.bottom <= edge.bottom + 1,
      drawn: grid.querySelectorAll("tbody [role=row]").length,
      of: Number(grid.getAttribute("aria-rowcount")),
    };
  })()`);

test("of 100,000 sessions those in view are drawn, and keys reach all of them", async () => {
  await open("sessions-many");
  expect(await chosen()).toMatchObject({ index: 2, active: true, seen: true, of: 100_001 });
  await press("End");
  await page.until(`${GRID}.querySelector("[aria-selected=true]")`, "the last row is drawn");
  await page.run(PAINTED);
  const last = await chosen();
  expect(last).toMatchObject({ index: 100_001, active: true, seen: true });
  expect(last.drawn).toBeLessThan(100);
  await press("PageUp");
  const before = await chosen();
  expect(before).toMatchObject({ active: true, seen: true });
  expect(100_001 - before.index).toBeGreaterThan(10);
  await press("Home");
  await page.until(`${GRID}.querySelector("[aria-selected=true]")`, "the first row is drawn");
  await page.run(PAINTED);
  expect(await chosen()).toMatchObject({ index: 2, active: true, seen: true });
  for (const [key, last] of [
    ["ArrowDown", 42],
    ["ArrowUp", 2],
  ] as const) {
    for (let turn = 0; turn < 40; turn += 1) {
      await press(key);
      expect(await chosen(), `${key} ${turn}`).toMatchObject({ active: true, seen: true });
    }
    expect((await chosen()).index).toBe(last);
  }
});

/** Some rows and pages of the list, one a picture: how long each picture took, and the longest time without rows. */
const passing = `(async () => {
  const grid = ${GRID};
  const edge = grid.parentElement.getBoundingClientRect();
  const rowsAt = (y) => document.elementFromPoint(edge.left + 60, y)?.closest("[role=row]") !== null;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  let [blank, since] = [0, 0];
  await frame();
  for (let turn = 0; turn < ${TURNS}; turn += 1) {
    const from = performance.now();
    grid.dispatchEvent(new KeyboardEvent("keydown", { key: turn % 3 ? "ArrowDown" : "PageDown", bubbles: true, cancelable: true }));
    await frame();
    const took = performance.now() - from;
    times.push(took);
    since = [0.3, 0.6, 0.9].every((part) => rowsAt(edge.top + edge.height * part)) ? 0 : since + took;
    blank = Math.max(blank, since);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)], blank };
})()`;

test("100,000 sessions pass by without a blank and without a halt", { timeout: 60_000 }, async () => {
  await open("sessions-many");
  const tries: { median: number; blank: number }[] = [];
  // The best of several: what else the machine does at the moment is not measured.
  while (tries.length < TRIES && !tries.some(({ median, blank }) => median < SLOWEST_MS && blank < BLANK_MS))
    tries.push(await page.run<{ median: number; blank: number }>(passing));
  expect(Math.min(...tries.map((one) => one.median)), JSON.stringify(tries)).toBeLessThan(SLOWEST_MS);
  expect(Math.min(...tries.map((one) => one.blank)), JSON.stringify(tries)).toBeLessThan(BLANK_MS);
});

test("where one is in a long list is said as long as it moves", async () => {
  await open("sessions-many");
  expect(await page.run("document.querySelector('[data-testid=passing]')")).toBeNull();
  await page.run(`${GRID}.parentElement.scrollTop = 1000000`);
  await page.until("document.querySelector('[data-testid=passing]')?.textContent.length > 5", "the day is said");
  await page.until("document.querySelector('[data-testid=passing]') === null", "and goes");
});

test("pages come as one scrolls, before their place is reached", async () => {
  await open("sessions-pages");
  expect(await chosen()).toMatchObject({ of: 100_001 });
  const shown = () => page.run<string>("document.querySelector('[data-testid=session-count]').textContent");
  expect(await shown()).toBe("200 of about 100,000");
  await press("PageDown");
  await page.until("!document.querySelector('[data-testid=session-count]').textContent.startsWith('200 ')", "the next page came");
  await press("End");
  await page.until(
    "Number(document.querySelector('[data-testid=session-count]').textContent.split(' ')[0].replace(/\\D/g, '')) >= 600",
    "two pages ahead",
  );
  const rows = await page.run<string[]>(`[...${GRID}.querySelectorAll("tbody [role=row]")].map((one) => one.id)`);
  expect(new Set(rows).size).toBe(rows.length);
});
