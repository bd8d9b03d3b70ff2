import type { Notice, SessionFilter, SessionView, UiError } from "../../generated/bindings";
import { type Backend, Fault } from "../backend";
import { NOW } from "./samples";
import type { World } from "./world";

type Lists = Pick<Backend, "sessions" | "countSessions" | "exportSessions" | "cancelExport">;

const lasted = (one: SessionView) => (one.endedAt ?? Math.min(NOW, one.endsAt)) - one.openedAt;

function weighed(one: SessionView, value: string): boolean {
  if (!one.findings) return false;
  const { stop, look, note } = one.findings;
  const counts: Record<string, number> = { any: stop + look, stop, look, note };
  return value === "none" ? stop + look === 0 : (counts[value] ?? 0) > 0;
}

function stage(one: SessionView): string {
  if (one.endedAt === null) return "recording";
  return one.review === "flagged" ? "flagged" : one.review ? "reviewed" : "open";
}

function holds(key: string, value: string, one: SessionView, begins = false): boolean {
  switch (key) {
    case "organization":
      return one.organization.id === value;
    case "person":
      return one.name.toLowerCase().includes(value.toLowerCase());
    case "ticket":
      return begins ? one.ticket.toLowerCase().startsWith(value.toLowerCase()) : one.ticket.toLowerCase() === value.toLowerCase();
    case "scope":
      return one.scope === value;
    case "reason":
      return one.reason === value;
    case "finding":
      return weighed(one, value);
    case "review":
      return value === "due" ? one.due : stage(one) === value;
    case "changes":
      return one.writes > 0 === (value === "yes");
    default:
      return false;
  }
}

/** As the service does: of one key any value may fit, of several keys each has to. */
export function fits(tokens: string[], one: SessionView): boolean {
  if (tokens.length === 0) return true;
  const read = tokens.map((token) => {
    const [key = "", written = ""] = [token.slice(0, token.indexOf(":")), token.slice(token.indexOf(":") + 1)];
    const sign = /^[!<>^]/.exec(written)?.[0] ?? "";
    return { key, sign, value: written.slice(sign.length) };
  });
  const of = (sign: string) => read.filter((token) => token.sign === sign);
  const is = [...of(""), ...of("^")];
  return (
    of("!").every(({ key, value }) => !holds(key, value, one)) &&
    of("<").every(({ value }) => lasted(one) <= Number(value) * 60) &&
    (of(">").length === 0 || of(">").some(({ value }) => lasted(one) >= Number(value) * 60)) &&
    [...new Set(is.map(({ key }) => key))].every((key) =>
      is.some((token) => token.key === key && holds(key, token.value, one, token.sign === "^")),
    )
  );
}

function ordered(sessions: SessionView[], order: string): SessionView[] {
  const heavy = ({ findings }: SessionView) => (findings ? findings.stop * 1e6 + findings.look * 1e3 + findings.note : -1);
  if (order === "oldest") return [...sessions].reverse();
  const long = (one: SessionView) => (one.endedAt ? lasted(one) : -1);
  const longest = () => [...sessions].sort((a, b) => long(b) - long(a));
  const weighty = () => [...sessions].sort((a, b) => heavy(b) - heavy(a));
  if (order === "longest") return longest();
  if (order === "shortest") return longest().reverse();
  if (order === "findings-last") return weighty().reverse();
  return order === "findings" ? weighty() : sessions;
}

/** Lists of sessions: page by page, counted, and taken away. */
export function lists(world: World, failing: (call: string) => Promise<unknown>, tell: (notice: Notice) => void): Lists {
  let stopped: (() => void) | null = null;
  const listed = (filter: SessionFilter) =>
    ordered(
      world.sessions.filter(
        (one) =>
          (!filter.organization || one.organization.id === filter.organization) &&
          (!filter.scope || one.scope === filter.scope) &&
          one.openedAt >= (filter.from ?? 0) &&
          one.openedAt < (filter.to ?? Number.POSITIVE_INFINITY) &&
          fits(filter.tokens ?? [], one),
      ),
      filter.order ?? "",
    );
  return {
    async sessions(filter) {
      await failing("sessions");
      const all = listed(filter);
      const from = Number(filter.cursor ?? 0);
      const behind = from + world.pageOf;
      const page = all.slice(from, behind);
      const text = (filter.text ?? "").toLowerCase();
      const found = page.filter((one) =>
        [one.organization.name, one.name, one.ticket, one.id].some((said) => said.toLowerCase().includes(text)),
      );
      return {
        sessions: text ? found : page,
        ...(text ? { looked: page.length } : {}),
        forgotten: from === 0 ? world.forgotten : [],
        next: behind < all.length ? String(behind) : null,
      };
    },
    async countSessions(filter) {
      await failing("countSessions");
      return world.counted ?? { sessions: listed(filter).length, more: false };
    },
    async exportSessions(filter) {
      await failing("exportSessions");
      const { length } = listed(filter);
      tell({ kind: "exporting", done: Math.floor(length / 2), of: length });
      if (world.exportsForEver)
        await new Promise<void>((_, stop) => {
          stopped = () => stop(new Fault({ code: "cancelled", message: "The export was cancelled.", next: "" } satisfies UiError));
        });
      return { path: "/home/you/Downloads/countersign-sessions-2026-11-26-140000.csv", sessions: length };
    },
    async cancelExport() {
      stopped?.();
    },
  };
}
