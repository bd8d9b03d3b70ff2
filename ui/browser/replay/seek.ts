import { writeFileSync } from "node:fs";
import type { PageEvent } from "../../src/features/replay/timeline";
import { Chromium } from "../chromium";
import { element, type Node } from "../nodes";
import { Site } from "../site";
import { HEIGHT, WIDTH } from "./drive";
import { Stage } from "./stage";

const HOURS_MS = 2 * 60 * 60 * 1000;
const ROWS = 300;
/** The recorder reports a whole page again after so long, whatever happens in it. */
export const WHOLE_EVERY_MS = 5 * 60 * 1000;
const TIMES = 30;

/** A page of 300 rows, 1,800 nodes. */
function page(): { document: object; rows: Node[]; clock: Node } {
  const rows = Array.from({ length: ROWS }, (_, n) =>
    element("tr", {}, [element("td", { class: "n" }, [String(n)]), element("td", {}, [`Payslip ${n} of the October run`])]),
  );
  const style = element("style", {}, ["td { border: 1px solid #ccc; padding: 4px } .n { color: #666 } .on { background: #fe8 }"]);
  const clock = element("p", { "data-second": "" });
  const body = element("body", {}, [clock, element("table", {}, [element("tbody", {}, rows)])]);
  return {
    document: {
      type: 0,
      id: 1,
      childNodes: [{ type: 1, id: 2, name: "html", publicId: "", systemId: "" }, element("html", {}, [element("head", {}, [style]), body])],
    },
    rows,
    clock,
  };
}

/** Two hours of one page in which something changes twice a second and the pointer moves, with the whole page every so often. */
export function twoHours(wholeEveryMs: number): PageEvent[] {
  const { document, rows, clock } = page();
  const events: PageEvent[] = [];
  for (let at = 0, whole = Number.NEGATIVE_INFINITY; at < HOURS_MS; at += 500) {
    if (at - whole >= wholeEveryMs) {
      events.push({ type: 4, timestamp: at, data: { href: "https://seek.test/", width: WIDTH, height: HEIGHT } });
      events.push({ type: 2, timestamp: at + 1, data: { node: structuredClone(document), initialOffset: { top: 0, left: 0 } } });
      whole = at;
    }
    const row = rows[(at / 500) % ROWS] as Node;
    const attributes = [
      { id: row.id, attributes: { class: at % 1000 === 0 ? "on" : "off" } },
      { id: clock.id, attributes: { "data-second": String(at / 1000) } },
    ];
    const change = { texts: [], removes: [], adds: [], attributes };
    events.push({ type: 3, timestamp: at + 10, data: { source: 0, ...change } });
    events.push({ type: 3, timestamp: at + 20, data: { source: 1, positions: [{ x: at % 900, y: at % 600, id: row.id, timeOffset: 0 }] } });
    if (at % 10_000 === 0) events.push({ type: 3, timestamp: at + 30, data: { source: 3, id: 1, x: 0, y: (at / 100) % 2000 } });
  }
  return events;
}

/** How long it takes from asking for a moment until it is painted, in milliseconds. */
export async function seeks(stage: Stage): Promise<number[]> {
  const took: number[] = [];
  // Everywhere, and never where the one before was.
  for (let n = 0; n < TIMES; n += 1) {
    const second = (n * 7919) % 7200;
    const seen = await stage.seek(second * 1000 + 100);
    if (seen.shown !== String(second)) throw new Error(`second ${second} was asked for, and ${seen.shown} shown`);
    took.push(seen.took);
  }
  return took.sort((a, b) => a - b);
}

export async function seek({ result }: { result: string }) {
  const [site, chromium] = await Promise.all([Site.start(), Chromium.start()]);
  try {
    const cases = [];
    for (const [name, every] of [
      ["the whole page every five minutes", WHOLE_EVERY_MS],
      ["the whole page once", HOURS_MS],
    ] as const) {
      const page = await chromium.page();
      await page.size(WIDTH, HEIGHT);
      const events = twoHours(every);
      const stage = await Stage.set(chromium, page, site, { events, resources: [] });
      const took = await seeks(stage);
      cases.push({ name, events: events.length, medianMs: took[TIMES / 2], slowestMs: took[TIMES - 1] });
    }
    writeFileSync(result, JSON.stringify(cases, null, 2));
  } finally {
    await chromium.stop();
    site.stop();
  }
}
