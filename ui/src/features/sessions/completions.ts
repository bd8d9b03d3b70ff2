import { words } from "../../parts/words";
import { type Among, choicesOf, type Key, keyOf, keys, nameOf } from "./tokens";

const say = words.sessions;
const MOST = 8;

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
}

export function typedOf(field: string): Typed {
  const found = /(?:^|\s)([a-z-]+):(.*)$/i.exec(field);
  if (!found) return { text: field.trim(), partial: null };
  const [, name = "", written = ""] = found;
  return { text: field.slice(0, found.index).trim(), partial: { key: keyOf(name.toLowerCase()), name, written: written.trim() } };
}

/** What can follow what was typed. With `all`, also when nothing was typed yet. */
export function completionsOf(field: string, among: Among, all: boolean): Completion[] {
  const { partial } = typedOf(field);
  if (partial?.key) {
    const { key, written } = partial;
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
  return keys
    .filter((key) => nameOf(key).startsWith(word) || (word.length > 1 && key.startsWith(word)))
    .map((key) => ({ id: key, name: `${nameOf(key)}:`, note: say.keyMeans[key] ?? "", types: `${before}${nameOf(key)}:` }));
}
