import type { OrganizationView } from "../../generated/bindings";
import { words } from "../../parts/words";
import { lastOf } from "./spans";

const say = words.sessions;
export const keys = ["organization", "person", "scope", "reason", "ticket", "when", "length", "finding", "review", "changes"] as const;
export type Key = (typeof keys)[number];
export type Op = "is" | "not" | "least" | "most" | "begins";

/** One part of the filter: what, how, and which. */
export interface Token {
  key: Key;
  op: Op;
  value: string;
}

/** What values are chosen from, as far as it is here. */
export interface Among {
  organizations: OrganizationView[];
  people: string[];
}

const signs: Record<Op, string> = { is: "", not: "!", least: ">", most: "<", begins: "^" };
/** As few letters as a ticket is found by. */
export const SHORTEST = 3;
const many: Key[] = ["person", "reason", "ticket", "finding", "review", "changes"];

/** How a value of this token can be meant: what it is found by, as far as the value fits it. */
export function opsOf({ key, value }: Token): Op[] {
  if (key === "when") return ["is"];
  if (key === "length") return ["least", "most"];
  return key === "ticket" && [...value].length >= SHORTEST ? ["is", "begins", "not"] : ["is", "not"];
}

/** The name under which a key is typed. */
export const nameOf = (key: Key) => say.keys[key] as string;
export const keyOf = (typed: string): Key | null => keys.find((key) => key === typed || nameOf(key) === typed) ?? null;

/** As it is written in a link and in the field: `!legal-disclosure`, `>5`. */
export const writtenOf = (token: Token) => signs[token.op] + token.value;

/** Values of a key with their names; nothing for what is only typed. */
export function choicesOf(key: Key, among: Among): [value: string, name: string][] {
  switch (key) {
    case "organization":
      return among.organizations.map((one) => [one.id, one.name]);
    case "person":
      return among.people.map((name) => [name, name]);
    case "scope":
      return Object.entries(words.scope);
    case "reason":
      return Object.entries(words.reason);
    case "when":
      return Object.entries(say.when);
    case "finding":
    case "review":
    case "changes":
      return Object.entries(say.values[key] ?? {});
    case "length":
      return [">5", ">30", ">60", "<5"].map((written) => {
        const { op, rest } = split(key, written);
        return [written, `${say.ops[op]} ${say.minutes(rest)}`];
      });
    case "ticket":
      return [];
  }
}

/** Reads an operator and a value as they are written. */
function split(key: Key, written: string): { op: Op; rest: string } {
  const sign = /^[!<>^]/.exec(written)?.[0] ?? "";
  const op = (Object.keys(signs) as Op[]).find((one) => signs[one] === sign) ?? "is";
  return { op: key === "length" && op === "is" ? "least" : op, rest: written.slice(sign.length).trim() };
}

/** The value that is meant by what was typed: itself, or the one choice whose name it is or begins. */
function chosen(key: Key, rest: string, among: Among): string | null {
  const low = rest.toLowerCase();
  const all = choicesOf(key, among);
  const exact = all.find(([value, name]) => value === rest || name.toLowerCase() === low);
  const near = all.filter(([value, name]) => value.startsWith(low) || name.toLowerCase().includes(low));
  return exact?.[0] ?? (near.length === 1 ? (near[0]?.[0] ?? null) : null);
}

/** The token that was written, or why it is none. */
export function tokenOf(key: Key, written: string, among: Among): Token | { wrong: string } {
  const { op, rest } = split(key, written);
  if (!rest) return { wrong: say.wrong.empty(nameOf(key)) };
  if (key === "length") {
    if (!/^\d{1,4}$/.test(rest) || op === "not" || op === "begins") return { wrong: say.wrong.length };
    return { key, op, value: String(Number(rest)) };
  }
  if (op === "least" || op === "most") return { wrong: say.wrong.op(nameOf(key)) };
  if (op === "begins" && key !== "ticket") return { wrong: say.wrong.op(nameOf(key)) };
  if (op === "begins" && [...rest].length < SHORTEST) return { wrong: say.wrong.begins };
  if (key === "person" || key === "ticket") return { key, op, value: rest.slice(0, 100) };
  if (key === "when") return op === "is" && lastOf(rest, 0) ? { key, op, value: rest } : { wrong: say.wrong.when };
  const value = chosen(key, rest, among);
  return value === null ? { wrong: say.wrong.value(nameOf(key), rest) } : { key, op, value };
}

/** A token of a link. An Organization's name is not needed for it: the list is asked for by its id. */
export function tokenOfLink(key: Key, written: string): Token | null {
  const { op, rest } = split(key, written);
  if (key === "organization") return op !== "least" && op !== "most" && /^[\w.-]{1,100}$/.test(rest) ? { key, op, value: rest } : null;
  const token = tokenOf(key, written, { organizations: [], people: [] });
  return "wrong" in token ? null : token;
}

/** How a token is said: what, how, which. */
export function saidOf(token: Token, organizations: OrganizationView[]): [key: string, op: string, value: string] {
  const { key, op, value } = token;
  const contains = key === "person";
  const how = contains && op === "is" ? say.ops.has : contains && op === "not" ? say.ops.hasNot : say.ops[op];
  const named = choicesOf(key, { organizations, people: [] }).find(([one]) => one === value)?.[1];
  return [nameOf(key), how, key === "length" ? say.minutes(value) : (named ?? value)];
}

/** The tokens with one more. The service takes one Organization, one Scope and one time; of the others any may fit. */
export function withToken(tokens: Token[], token: Token): Token[] {
  const same = (one: Token) => one.key === token.key && one.op === token.op;
  const others = tokens.filter((one) => !(same(one) && (one.value === token.value || (token.op !== "not" && !many.includes(token.key)))));
  return [...others, token];
}
