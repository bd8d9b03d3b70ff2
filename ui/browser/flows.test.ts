import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stories } from "../src/backend/fake/stories";
import type { Page } from "./chromium";
import { type Flow, flows } from "./flows";
import { Hands } from "./hands";
import { inChromium } from "./here";
import type { Site } from "./site";

/**
 * Each flow that the design counts, gone with real keys and clicks over the engine in memory: it takes no more interactions than
 * the design has, and its time by the keystroke-level model stands in `docs/flows.md`. `npm run flows` writes that table again.
 */
const TABLE = new URL("../../docs/flows.md", import.meta.url).pathname;
const ANEW = process.env.FLOWS === "anew";
const [BEGIN, END] = ["<!-- flows: begin -->", "<!-- flows: end -->"];
const rows = new Map<string, string>();

let site: Site;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  await page.size(1280, 800);
  await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: "if (location.protocol === 'http:') localStorage.clear();" });
});

const row = (flow: Flow, { interactions, seconds }: Hands) =>
  `| ${flow.name} | ${flow.steps} | ${interactions} | ${flow.most} | ${seconds.toFixed(1)} | ${flow.expected} |`;

test.each(flows.map((flow) => [flow.name, flow] as const))("%s takes what the design has", async (_name, flow) => {
  const bar = stories[flow.story]?.page === "bar";
  await page.open(`${site.app}/${bar ? "bar.html" : ""}?story=${flow.story}&player=${encodeURIComponent(`${site.player}/player.html`)}`);
  await page.until(`${flow.from} && document.fonts.status === 'loaded' && document.documentElement.dataset.told`, "the beginning");
  await page.run("window.timeBefore = document.querySelector('[data-testid=replay-time]')?.textContent");
  const hands = new Hands(page);
  await flow.go(hands);
  await page.until(flow.done, `${flow.name} is done`);
  rows.set(flow.name, row(flow, hands));
  expect(hands.interactions).toBe(flow.more?.count ?? hands.interactions);
  if (flow.more) expect(hands.interactions, "no reason is left").toBeGreaterThan(flow.most);
  else expect(hands.interactions).toBeLessThanOrEqual(flow.most);
});

test("the table of the flows is what was seen", () => {
  const text = readFileSync(TABLE, "utf8");
  const [before, after] = [text.slice(0, text.indexOf(BEGIN) + BEGIN.length), text.slice(text.indexOf(END))];
  const why = flows.flatMap(({ name, more }) => (more ? [`- ${name} takes ${more.count}: ${more.why}.`] : []));
  const table = ["| flow | steps | interactions | goal | seconds | expected |", "|---|---|---|---|---|---|", ...rows.values(), "", ...why];
  const now = `${before}\n${table.join("\n")}\n${after}`;
  if (ANEW) return writeFileSync(TABLE, now);
  expect(text).toBe(now);
});
