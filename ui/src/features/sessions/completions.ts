import { words } from "../../parts/words";
import { type Among, choicesOf, type Key, keyOf, keys, nameOf, SHORTEST } from "./tokens";

const say = words.sessions;
const MOST = 8;
const FEW = 3;

/** What stands in the field: words that are looked for, and the token that is being written after them. */
export interface Typed {
  text: string;
  partial: { key: Key | null; name: string; written: string } | null;
}

/** A line under the field: what the field holds when it is taken, or the token that is made of it. */
export interface Completion {
  id: string;
  name: string;
  note: string;
  /** Set when taking it only writes the key, for a value to follow. */
  types?: string;
  token?: { key: Key; written: string };
  /** What is left in the field then, where that is not what stands before the token. */
  leaves?: string;
}

export function typedOf(field: string): Typed {
  const found = /(?:^|\s)([a-z-]+):(.*)$/i.exec(field);
  if (!found) return { text: field.trim(), partial: null };
  const [, name = "", written = ""] = found;
  return { text: field.slice(0, found.index).trim(), partial: { key: keyOf(name.toLowerCase()), name, written: written.trim() } };
}

/** A ticket is on no list: what was typed is one, or the beginning of one. */
function ticketsOf(written: string): Completion[] {
  const value = written.replace(/^[!<>^]/, "").trim();
  const one = (sign: "" | "!" | "^", how: string): Completion => ({
    id: `ticket:${sign}${value}`,
    name: `${how} ${value}`,
    note: nameOf("ticket"),
    token: { key: "ticket", written: sign + value },
  });
  if (!value) return [];
  if (written.startsWith("!")) return [one("!", say.ops.not)];
  return [...([...value].length < SHORTEST ? [] : [one("^", say.ops.begins)]), one("", say.ops.is)];
}

/** The tokens that a plain word may stand for: they are found at once, where a text is looked through for. */
function meantBy(word: string, before: string, among: Among): Completion[] {
  if ([...word].length < SHORTEST) return [];
  const named = (key: Key): Completion[] =>
    choicesOf(key, among)
      .filter(([, name]) => name.toLowerCase().includes(word))
      .slice(0, FEW)
      .map(([value, name]) => ({ id: `${key}:${value}`, name, note: nameOf(key), token: { key, written: value } }));
  const tickets = /\d/.test(word) ? ticketsOf(word).slice(0, 1) : [];
  return [...named("organization"), ...named("person"), ...tickets].map((one) => ({ ...one, leaves: before.trim() }));
}

/** What can follow what was typed. With `all`, also when nothing was typed yet. */
export function completionsOf(field: string, among: Among, all: boolean): Completion[] {
  const { partial } = typedOf(field);
  if (partial?.key) {
    const { key, written } = partial;
    if (key === "ticket") return ticketsOf(written);
    const sign = /^[!<>]/.exec(written)?.[0] ?? "";
    const low = written
      .slice(key === "length" ? 0 : sign.length)
      .trim()
      .toLowerCase();
    return choicesOf(key, among)
      .filter(([value, name]) => !low || value.startsWith(low) || name.toLowerCase().includes(low))
      .slice(0, MOST)
      .map(([value, name]) => ({
        id: `${key}:${value}`,
        name: sign === "!" ? `${say.ops.not} ${name}` : name,
        note: nameOf(key),
        token: { key, written: key === "length" ? value : sign + value },
      }));
  }
  const word = /(\S*)$/.exec(field)?.[1]?.toLowerCase() ?? "";
  if (partial || (!word && !all)) return [];
  const before = field.slice(0, field.length - word.length);
  const begun = keys
    .filter((key) => nameOf(key).startsWith(word) || (word.length > 1 && key.startsWith(word)))
    .map((key) => ({ id: key, name: `${nameOf(key)}:`, note: say.keyMeans[key] ?? "", types: `${before}${nameOf(key)}:` }));
  return [...begun, ...(all && !word ? [] : meantBy(word, before, among))];
}
