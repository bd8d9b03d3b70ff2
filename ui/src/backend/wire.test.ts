import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { orders, reasons, scopes } from "./wire";

const documents = ["audit", "broker", "gateway"].map((service) => readFileSync(`../docs/api/types/${service}.d.ts`, "utf8"));
const wordsIn = (text: string) => [...text.matchAll(/"([a-z-]+)"/g)].map((found) => found[1] ?? "");
/** The services' enumerations, each as its words. */
const enumerations = documents.flatMap((text) =>
  [...text.matchAll(/: ((?:\(?"[a-z-]+"\)?(?: \| )?){2,});/g)].map((found) => new Set(wordsIn(found[1] ?? ""))),
);
const isTheirs = (words: string[]) => words.length > 1 && enumerations.some((known) => words.every((word) => known.has(word)));

/** Unions of texts, and lists of texts that nothing holds to a type. */
function typedHere(text: string): string[] {
  const found = [
    ...text.matchAll(/\btype \w+ =\s*\|?\s*("[a-z-]+"(?:\s*\|\s*"[a-z-]+")+);/g),
    ...text.matchAll(/\bconst \w+ = \[("[a-z-]+"(?:,\s*"[a-z-]+")+),?\](?: as const)?;/g),
  ];
  return found.filter((one) => isTheirs(wordsIn(one[1] ?? ""))).map((one) => one[0]);
}

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("generated/") && !name.includes(".test."))
  .map((name) => ({ name, text: readFileSync(`src/${name}`, "utf8") }));

test("what the services call things is typed by nobody here", () => {
  expect(sources.flatMap(({ name, text }) => typedHere(text).map((what) => `${name}: ${what}`))).toEqual([]);
});

test("a role is asked for in one place, which knows them all", () => {
  const asking = sources.filter(({ text }) => /\broles(\)|\b)\??\.(some|includes|find|indexOf)\(/.test(text));
  expect(asking.map(({ name }) => name)).toEqual(["parts/holds.ts"]);
});

test("a union or a list of their words would be found", () => {
  expect(typedHere('export type Verdict = "nothing-to-report" | "flagged";')).toHaveLength(1);
  expect(typedHere('const scopes = ["diagnostics", "read"];')).toHaveLength(1);
  expect(typedHere('const lists = ["inbox", "decided"] as const;')).toHaveLength(1);
  expect(typedHere('type Side = "left" | "right";')).toEqual([]);
});

test("lists of their words hold all of them", () => {
  const hasAll = (words: string[]) => enumerations.some((known) => known.size === words.length && words.every((word) => known.has(word)));
  expect([scopes, reasons, orders].map(hasAll)).toEqual([true, true, true]);
});
