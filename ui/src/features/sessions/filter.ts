import type { SessionView } from "../../generated/bindings";

export type View = "all" | "review" | "writes";

export interface Wanted {
  view: View;
  text: string;
  organization: string;
  scope: string;
}

export const nothingWanted: Wanted = { view: "all", text: "", organization: "", scope: "" };

/** What the list shows of what the server sent. Organization and scope are asked of the server. */
export function shownOf(sessions: SessionView[], wanted: Wanted): SessionView[] {
  const needle = wanted.text.trim().toLowerCase();
  return sessions.filter((one) => {
    if (wanted.view === "review" && (one.endedAt === null || one.review)) return false;
    if (wanted.view === "writes" && one.writes === 0) return false;
    return !needle || [one.organization.name, one.name, one.ticket, one.id].some((text) => text.toLowerCase().includes(needle));
  });
}

export const lengthOf = (session: SessionView, now: number) => (session.endedAt ?? Math.min(now, session.endsAt)) - session.openedAt;
