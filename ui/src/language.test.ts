import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve("src");
const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) => !name.startsWith("generated/"));
const text = (name: string) => readFileSync(join(ROOT, name), "utf8");
const pages = files.filter((name) => name.endsWith(".tsx") && !name.includes(".test."));
const sources = files.filter((name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.startsWith("backend/fake"));
/** rrweb's own rules, for pages that are laid out as they were. */
const styles = files.filter((name) => name.endsWith(".css") && !name.endsWith("player.css"));
const found = (names: string[], sign: RegExp) =>
  names.flatMap((name) => [...text(name).matchAll(sign)].map((one) => `${name}: ${one[0].trim().replace(/\s+/g, " ")}`));

const PHYSICAL =
  /^\s+(?:(?:margin|padding|border|scroll-padding|scroll-margin)-(?:left|right)[\w-]*|left|right|border-(?:top|bottom)-(?:left|right)-radius|float|text-align)\s*:\s*[^;]*;/gm;
const physical = (one: string) => !/: text-align: (?:start|end|center)/.test(one) && !/: float: (?:inline-start|inline-end)/.test(one);
/** Four lengths of which the second and the fourth differ have a left and a right. */
const FOUR = /^\s+(?:padding|margin|inset|border-radius): (\S+) (\S+) (\S+) (\S+);/gm;

test("no style names left or right, so that a page also runs from right to left", () => {
  expect(found(styles, PHYSICAL).filter(physical)).toEqual([]);
  const uneven = styles.flatMap((name) =>
    [...text(name).matchAll(FOUR)].filter((one) => one[2] !== one[4]).map((one) => `${name}:${one[0]}`),
  );
  expect(uneven).toEqual([]);
});

test("what names left or right is found", () => {
  const line = (css: string) => [...`a {\n  ${css}\n}`.matchAll(PHYSICAL)].map((one) => `x: ${one[0].trim()}`).filter(physical).length;
  expect(["margin-left: 2px;", "right: 0;", "text-align: left;", "border-top-left-radius: 3px;"].map(line)).toEqual([1, 1, 1, 1]);
  expect(["margin-inline-start: 2px;", "text-align: end;", "inset-inline-end: 0;"].map(line)).toEqual([0, 0, 0]);
});

/** Keys are named as they stand on a keyboard. */
const KEYS = /^(?:Esc|Enter|Ctrl Enter|Ctrl K|Ctrl N|Space|[A-Z#@×])$/;

test("every sentence stands in the catalogue", () => {
  const between = found(pages, /(?<!=)>\s*([A-Z][A-Za-z’ ,.]+)\s*<\//g).filter((one) => !KEYS.test(/>\s*(.*?)\s*<\//.exec(one)?.[1] ?? ""));
  const attributes = found(pages, /\b(?:aria-label|title|placeholder|alt|label|note)="[A-Za-z][^"]*"/g);
  expect([...between, ...attributes]).toEqual([]);
});

test("no word of one screen stands in the place of another's", () => {
  const catalogue = files.filter((name) => /^parts\/words(?:\.ts|\/\w+\.ts)$/.test(name));
  const names = catalogue.flatMap((name) => [...text(name).matchAll(/^  (\w+):/gm)].map((one) => one[1]));
  expect(catalogue.length).toBeGreaterThan(5);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test("a moment is shown by the one part that also says it in UTC", () => {
  const may = new Set(["parts/Time.tsx", "parts/format.ts"]);
  const spoken = [
    // With its own UTC beside it.
    "features/replay/Timeline.tsx",
    "features/shell/StatusBar.tsx",
    "features/shell/options.tsx",
    "features/log/Verdict.tsx",
  ];
  const users = sources.filter((name) => !may.has(name) && /\b(?:clock|clockSeconds|when|whenShort|onDay|ago)\(/.test(text(name)));
  expect(users.filter((name) => !spoken.includes(name))).toEqual([]);
});

test("no field takes a password, and whatever is begun says that it is under way", () => {
  expect(found(pages, /type="password"|autoComplete="(?:current|new)-password"/g)).toEqual([]);
  // The button itself, and one that says so beside it as soon as it begins.
  const otherwise = ["parts/Button.tsx", "parts/RevokedKey.tsx"];
  const silent = pages.filter((name) => /isDisabled=\{[^}]*\bbusy\b/.test(text(name)) && !/\bbusy=\{/.test(text(name)));
  expect(silent.filter((name) => !otherwise.includes(name))).toEqual([]);
});

test("no date is written in another way than the catalogue's", () => {
  expect(found(sources, /toLocale\w*\(\s*"|DateTimeFormat\(\s*"/g)).toEqual([]);
});
