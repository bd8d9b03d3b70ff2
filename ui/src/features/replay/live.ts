import type { PageView, RecordingView } from "../../generated/bindings";

/** One JSON array behind another. */
const behind = (before: string, more: string) =>
  before === "[]" ? more : more === "[]" ? before : `${before.slice(0, -1)},${more.slice(1)}`;

function joined(before: PageView[], more: PageView[]): PageView[] {
  const pages = [...before];
  for (const page of more) {
    const at = pages.findIndex((one) => one.page === page.page);
    const known = pages[at];
    if (known) pages[at] = { ...known, events: known.events + page.events, json: behind(known.json, page.json) };
    else pages.push(page);
  }
  return pages;
}

/** What is known of a running Session with what came of it since: exchanges that went on are taken anew. */
export function withPart(before: RecordingView | null, part: RecordingView): RecordingView {
  if (!before) return part;
  const anew = new Set(part.exchanges.map((one) => one.number));
  const replaced = new Set(part.resources.map((one) => one.address));
  const exchanges = [...before.exchanges.filter((one) => !anew.has(one.number)), ...part.exchanges];
  return {
    ...part,
    startedMs: before.startedMs || part.startedMs,
    exchanges: exchanges.sort((a, b) => a.number - b.number),
    pages: joined(before.pages, part.pages),
    gaps: [...before.gaps, ...part.gaps],
    resources: [...before.resources.filter((one) => !replaced.has(one.address)), ...part.resources],
  };
}

/** Whether a part says anything new. */
export const isNews = (part: RecordingView) => part.exchanges.length + part.pages.length + part.gaps.length + part.resources.length > 0;
