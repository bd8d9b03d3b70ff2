import type { RequestView } from "../../generated/bindings";
import { saidEnd } from "../../parts/ending";
import { words } from "../../parts/words";

/** When the person is put out, or must have opened by. */
export const endOf = (request: RequestView) => request.sessionEndsAt ?? request.until;

export interface Grouped {
  open: RequestView[];
  waiting: RequestView[];
  recent: RequestView[];
}

/** Open ones by least time left, then what waits, then the rest, newest first. */
export function group(requests: RequestView[]): Grouped {
  const open = requests.filter((one) => one.state === "open" || one.state === "approved").sort((a, b) => endOf(a) - endOf(b));
  const waiting = requests.filter((one) => one.state === "waiting").sort((a, b) => a.left.at - b.left.at);
  const recent = requests.filter((one) => !open.includes(one) && !waiting.includes(one)).sort((a, b) => b.left.at - a.left.at);
  return { open, waiting, recent };
}

/** How it ended, in words. */
export function ending(request: RequestView): string {
  const { ended, denied } = words.access;
  if (request.state === "denied") return denied(request.right.find((one) => one.verdict === "deny")?.comment ?? "");
  if (request.state === "expired") return ended.expired;
  if (request.state === "withdrawn") return ended.withdrawn;
  return request.endedBy === "ended-by-requester" ? ended.you : saidEnd(request.endedBy);
}
