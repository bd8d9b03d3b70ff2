import { expect, test } from "vitest";
import { decided, inbox } from "../src/backend/fake/samples";
import type { Page } from "./chromium";
import { inChromium } from "./here";
import type { Site } from "./site";

const [waits, done] = [inbox[0]?.id ?? "", decided[0]?.id ?? ""];
/** Each pair of a list that is chosen and a request that is shown, as the page changes. */
const WATCH = `window.seen = new Set();
new MutationObserver(() => {
  const list = document.querySelector("[data-testid^=view-][aria-pressed=true]")?.dataset.testid;
  const shown = document.querySelector("[data-testid=detail] [title]")?.title;
  if (list && shown) seen.add(list + " " + shown);
}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true })`;

let site: Site;
let page: Page;

inChromium(async (here) => {
  ({ site, page } = here);
  await page.size(960, 600);
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: WATCH });
});

const press = (name: string) => page.run(`document.querySelector("[data-testid=${name}]").click()`);
const chosen = (id: string) =>
  page.until(`document.querySelector("[role=option][aria-selected=true]")?.dataset.testid === "row-${id}"`, `${id} is chosen`);

test("from one list to the other and back, not for a moment does a request stand beside the list that it is not in", async () => {
  await page.open(`${site.app}/?story=approvals`);
  for (let turn = 0; turn < 5; turn += 1) {
    await chosen(waits);
    await press("view-decided");
    await chosen(done);
    await press("view-inbox");
  }
  expect(await page.run("[...seen].sort()")).toEqual([`view-decided ${done}`, `view-inbox ${waits}`]);
});
