import type { SessionFilter, SessionView } from "../../generated/bindings";
import { words } from "../../parts/words";

export type View = "all" | "review" | "findings" | "writes";
/** How far back, in days; empty is from the beginning. */
export const sinces = ["", "1", "7", "30"] as const;
export type Since = (typeof sinces)[number];

export interface Wanted {
  view: View;
  text: string;
  organization: string;
  scope: string;
  since: Since;
}

export const nothingWanted: Wanted = { view: "all", text: "", organization: "", scope: "", since: "" };
const DAY = 86_400;

/** What the list shows of what the server sent. Organization, scope and time are asked of the server. */
export function shownOf(sessions: SessionView[], wanted: Wanted): SessionView[] {
  const needle = wanted.text.trim().toLowerCase();
  return sessions.filter((one) => {
    if (wanted.view === "review" && (one.endedAt === null || one.review)) return false;
    if (wanted.view === "findings" && (one.findings?.stop ?? 0) + (one.findings?.look ?? 0) === 0) return false;
    if (wanted.view === "writes" && one.writes === 0) return false;
    return !needle || [one.organization.name, one.name, one.ticket, one.id].some((text) => text.toLowerCase().includes(needle));
  });
}

export function askedOf(wanted: Wanted, now: number): SessionFilter {
  return {
    organization: wanted.organization || null,
    person: null,
    scope: wanted.scope || null,
    from: wanted.since ? Math.floor(now / 60) * 60 - Number(wanted.since) * DAY : null,
    to: null,
    cursor: null,
  };
}

/** The filter as it stands in a link; what is not one of its words is left out. */
export function wantedOf(query: URLSearchParams): Wanted {
  const of = (key: keyof Wanted) => query.get(key) ?? "";
  const one = <T extends string>(value: string, among: readonly T[], otherwise: T) => among.find((word) => word === value) ?? otherwise;
  return {
    view: one(of("view"), ["all", "review", "findings", "writes"], "all"),
    text: of("text").slice(0, 200),
    organization: of("organization"),
    scope: one(of("scope"), Object.keys(words.scope), ""),
    since: one(of("since"), sinces, ""),
  };
}

export function linkOf(id: string, wanted: Wanted): string {
  const query = new URLSearchParams();
  for (const key of Object.keys(nothingWanted) as (keyof Wanted)[]) if (wanted[key] !== nothingWanted[key]) query.set(key, wanted[key]);
  return `sessions${id ? `/${encodeURIComponent(id)}` : ""}${query.size > 0 ? `?${query}` : ""}`;
}

export const lengthOf = (session: SessionView, now: number) => (session.endedAt ?? Math.min(now, session.endsAt)) - session.openedAt;
