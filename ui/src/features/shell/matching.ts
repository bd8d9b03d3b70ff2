import type { Group, Option } from "./options";

/** Groups that a sign at the beginning narrows to. */
const signs: Record<string, Group["id"][]> = { "#": ["requests", "sessions"], "@": ["people", "sessions", "requests"], ">": ["commands"] };
/** As many as one group shows when nothing narrows it. */
const FEW = 5;
const MANY = 40;

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** A page that a link of ours names, as the shell reads it; null for anything else. */
export function linked(text: string): string | null {
  const found = /^countersign:\/\/(access|approvals|sessions|log|approval|session|request)(?:\/([\w-]{1,128}))?$/.exec(text.trim());
  if (!found) return null;
  const [, page = "", id] = found;
  if (page === "approval" && id) return `approvals/${id}`;
  if (page === "session" && id) return `sessions/${id}`;
  if (page === "request" && id) return "access";
  if (page === "log" && (!id || id === "entries" || id === "checkpoints")) return id ? `log/${id}` : "log";
  return id || page === "approval" || page === "session" || page === "request" ? null : page;
}

/** 0 is the best: the name begins with it, then a word of the name does, then it stands anywhere. Null does not match. */
function rank(option: Option, needle: string): number | null {
  if (!needle) return 0;
  const name = plain(option.name);
  if (name.startsWith(needle)) return 0;
  if (name.split(/[\s,.-]+/).some((word) => word.startsWith(needle))) return 1;
  if (name.includes(needle)) return 2;
  const also = plain(`${option.also ?? ""} ${option.note ?? ""}`);
  return also.includes(needle) ? 3 : null;
}

/** What of the groups fits what was typed, the best first. */
export function matching(groups: Group[], typed: string): Group[] {
  const only = signs[typed.trimStart()[0] ?? ""];
  const needle = plain(only ? typed.trimStart().slice(1) : typed).trim();
  return groups
    .filter((group) => !only || only.includes(group.id))
    .map((group) => ({
      ...group,
      options: group.options
        .map((option) => ({ option, at: rank(option, needle) }))
        .filter((one): one is { option: Option; at: number } => one.at !== null)
        .sort((a, b) => a.at - b.at)
        .slice(0, only || group.id === "commands" ? MANY : FEW)
        .map((one) => one.option),
    }))
    .filter((group) => group.options.length > 0 && (needle !== "" || only || group.id === "request" || group.id === "commands"));
}

/** The name in three parts, the middle one being what was typed. */
export function marked(name: string, typed: string): [string, string, string] {
  const needle = plain(typed.replace(/^\s*[#@>]/, "")).trim();
  const at = needle && plain(name).length === name.length ? plain(name).search(new RegExp(`\\b${escaped(needle)}`)) : -1;
  const from = at >= 0 ? at : needle && plain(name).length === name.length ? plain(name).indexOf(needle) : -1;
  return from < 0 ? [name, "", ""] : [name.slice(0, from), name.slice(from, from + needle.length), name.slice(from + needle.length)];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
