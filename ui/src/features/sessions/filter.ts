import { type Order, orders } from "../../backend/wire";
import type { SessionFilter } from "../../generated/bindings";
import { lastOf } from "./spans";
import { keys, type Token, tokenOfLink, withToken, writtenOf } from "./tokens";

export const views = ["review", "findings", "writes", "all"] as const;
export type View = (typeof views)[number];

export interface Wanted {
  view: View;
  order: Order;
  /** Looked for in names, tickets and ids. */
  text: string;
  tokens: Token[];
}

export const nothingWanted: Wanted = { view: "all", order: "newest", text: "", tokens: [] };

/** What a view stands for. */
const tokensOf: Record<View, Token[]> = {
  review: [{ key: "review", op: "is", value: "due" }],
  findings: [{ key: "finding", op: "is", value: "any" }],
  writes: [
    { key: "changes", op: "is", value: "yes" },
    { key: "when", op: "is", value: "7d" },
  ],
  all: [],
};

/** Whether some of it is looked for in one part of the list after the other: a text is in no index. */
export const looksThrough = (wanted: Wanted) => wanted.text.trim() !== "";

/** What the service is asked for. */
export function askedOf(wanted: Wanted, now: number): SessionFilter {
  const all = [...tokensOf[wanted.view], ...wanted.tokens];
  const time = all.findLast((one) => one.key === "when")?.value ?? null;
  const { from = null, to = null } = time === null ? {} : (lastOf(time, now) ?? {});
  const plain = (key: "organization" | "scope") => {
    const meant = all.filter((one) => one.key === key && one.op === "is");
    return meant.length === 1 ? (meant[0]?.value ?? null) : null;
  };
  const [organization, scope] = [plain("organization"), plain("scope")];
  const said = ({ key, op }: Token) =>
    key === "when" || (op === "is" && ((key === "organization" && organization !== null) || (key === "scope" && scope !== null)));
  return {
    organization,
    person: null,
    scope,
    from,
    to,
    tokens: all.filter((one) => !said(one)).map((one) => `${one.key}:${writtenOf(one)}`),
    text: wanted.text.trim(),
    order: wanted.order,
    cursor: null,
  };
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
  const order = orders.find((one) => one === query.get("order")) ?? "newest";
  return { view, order, text: (query.get("text") ?? "").slice(0, 200), tokens };
}

/** What stands behind the page in its link. */
export function queryOf(wanted: Wanted): string {
  const query = new URLSearchParams();
  if (wanted.view !== "all") query.set("view", wanted.view);
  if (wanted.order !== "newest") query.set("order", wanted.order);
  if (wanted.text !== "") query.set("text", wanted.text);
  for (const token of wanted.tokens) query.append(token.key, writtenOf(token));
  return query.toString();
}

export function linkOf(id: string, wanted: Wanted): string {
  const query = queryOf(wanted);
  return `sessions${id ? `/${encodeURIComponent(id)}` : ""}${query ? `?${query}` : ""}`;
}
