import type { SessionFilter, SessionView } from "../../generated/bindings";
import { lastOf } from "./spans";
import { fits, isAsked, type Key, keys, type Token, tokenOfLink, withToken, writtenOf } from "./tokens";

export const views = ["review", "findings", "writes", "all"] as const;
export type View = (typeof views)[number];

export interface Wanted {
  view: View;
  /** Looked for in names, tickets and ids. */
  text: string;
  tokens: Token[];
}

export const nothingWanted: Wanted = { view: "all", text: "", tokens: [] };

/** What a view stands for. */
const tokensOf: Record<View, Token[]> = {
  review: [{ key: "review", op: "is", value: "open" }],
  findings: [{ key: "finding", op: "is", value: "any" }],
  writes: [
    { key: "changes", op: "is", value: "yes" },
    { key: "when", op: "is", value: "7d" },
  ],
  all: [],
};

/** What the list shows of what the server sent. */
export function shownOf(sessions: SessionView[], wanted: Wanted, now: number): SessionView[] {
  const needle = wanted.text.trim().toLowerCase();
  const { from = 0 } = wanted.view === "writes" ? (lastOf("7d", now) ?? {}) : {};
  return sessions.filter(
    (one) =>
      one.openedAt >= from &&
      fits(tokensOf[wanted.view], one, now) &&
      fits(wanted.tokens, one, now) &&
      (!needle || [one.organization.name, one.name, one.ticket, one.id].some((text) => text.toLowerCase().includes(needle))),
  );
}

/** Whether some of it is looked for only in what the server sent so far. */
export const looksThrough = (wanted: Wanted) =>
  wanted.view !== "all" || wanted.text.trim() !== "" || wanted.tokens.some((one) => !isAsked(one));

/** What the server is asked for. */
export function askedOf(wanted: Wanted, now: number): SessionFilter {
  const of = (key: Key) => wanted.tokens.find((one) => one.key === key && isAsked(one))?.value ?? null;
  const time = of("when");
  const { from = null, to = null } = time === null ? {} : (lastOf(time, now) ?? {});
  return { organization: of("organization"), person: null, scope: of("scope"), from, to, cursor: null };
}

/** The one person that is looked for, by name. */
export const personOf = (wanted: Wanted) => wanted.tokens.find((one) => one.key === "person" && one.op === "is")?.value ?? null;

/** The filter as it stands in a link; what is not one of its words is left out. */
export function wantedOf(query: URLSearchParams): Wanted {
  const view = views.find((one) => one === query.get("view")) ?? "all";
  let tokens: Token[] = [];
  for (const [name, written] of query) {
    const key = keys.find((one) => one === name);
    const token = key ? tokenOfLink(key, written) : name === "since" ? tokenOfLink("when", `${written}d`) : null;
    if (token) tokens = withToken(tokens, token);
  }
  return { view, text: (query.get("text") ?? "").slice(0, 200), tokens };
}

/** What stands behind the page in its link. */
export function queryOf(wanted: Wanted): string {
  const query = new URLSearchParams();
  if (wanted.view !== "all") query.set("view", wanted.view);
  if (wanted.text !== "") query.set("text", wanted.text);
  for (const token of wanted.tokens) query.append(token.key, writtenOf(token));
  return query.toString();
}

export function linkOf(id: string, wanted: Wanted): string {
  const query = queryOf(wanted);
  return `sessions${id ? `/${encodeURIComponent(id)}` : ""}${query ? `?${query}` : ""}`;
}
