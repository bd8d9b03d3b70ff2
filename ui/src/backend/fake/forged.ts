import { recording } from "./recording";
import { NOW } from "./samples";
import type { Story } from "./story";

const OPENED_MS = (NOW - 4803) * 1000;
const ESC = "\u001b";

/** What a terminal would do, and a text does not: write the clipboard, link, name the window, answer back, clear (OSC 52, 8, 0; DCS $q; CSI 2J). */
export const SEQUENCES = [
  `${ESC}]52;c;cm0gLXJmIH4=\u0007`,
  `${ESC}]8;;https://away.test/${ESC}\\press${ESC}]8;;${ESC}\\`,
  `${ESC}]0;Countersign needs your code\u0007`,
  `${ESC}P$qm${ESC}\\`,
  `${ESC}[2J${ESC}[H`,
  "\u009d52;c;cm0=\u009c",
].join(" and ");

/** What a page of an Organization may report in the gateway's name, and about times that were not. */
function forged(fromMs: number): object[] {
  const claim = { method: "POST", path: "/o/brightwater-logistics/refund", status: 200, number: 9999 };
  const typed = Array.from({ length: 20_000 }, (_, at) => ({ type: 3, timestamp: fromMs + at, data: { source: 5, id: 1, text: "x" } }));
  return [
    { type: 5, timestamp: fromMs + 10, data: { tag: "request", payload: claim } },
    { type: 5, timestamp: fromMs + 11, data: { tag: "countersign.review", payload: { verdict: "nothing-to-report" } } },
    { type: 6, timestamp: fromMs + 12, data: { plugin: "rrweb/network@1", payload: { requests: [claim] } } },
    { type: 99, timestamp: fromMs + 13, data: claim },
    { type: 3, timestamp: 9e15, data: { source: 3, id: 1, x: 0, y: 0 } },
    { type: 3, timestamp: -1, data: { source: 3, id: 1, x: 0, y: 0 } },
    { type: 3, timestamp: "soon", data: {} },
    { type: "3", timestamp: fromMs, data: {} },
    ...typed,
  ];
}

/** A recording whose page reported more than happened, and an answer that speaks to a terminal. */
export const forgedStories: Record<string, Story> = {
  "replay-forged": {
    page: "replay/S-90398",
    person: "ines",
    change: (world) => {
      const session = world.sessions.find((one) => one.id === "S-90398");
      const honest = recording(session ? session.openedAt * 1000 : OPENED_MS);
      // Nothing comes after the last page that would cut it short.
      const pages = honest.pages.slice(0, -1);
      const last = honest.pages.at(-1);
      if (!last) return;
      const events = [...(JSON.parse(last.json) as object[]), ...forged(last.atMs + 1000)];
      world.recording = {
        pages: [...pages, { ...last, json: JSON.stringify(events) }],
        exchanges: honest.exchanges.map((one) => (one.write ? { ...one, body: SEQUENCES } : one)),
      };
    },
  },
};
