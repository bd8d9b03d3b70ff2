import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve("src");
const tiers = ["generated", "backend", "theme", "parts", "features", "screens", "app"];
const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) => /\.(tsx?|css)$/.test(name));
const sources = files.filter((name) => /\.tsx?$/.test(name) && !name.includes(".test.") && name !== "testing.ts");
const tests = files.filter((name) => name.includes(".test."));
const text = (name: string) => readFileSync(join(ROOT, name), "utf8");

function importsOf(name: string): string[] {
  return [...text(name).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((found) =>
    relative(ROOT, resolve(ROOT, dirname(name), found[1] ?? "")),
  );
}

const tierOf = (name: string) => tiers.indexOf(name.split("/")[0] ?? "");
const featureOf = (name: string) => (name.startsWith("features/") ? name.split("/")[1] : null);

test("every source stands in a tier", () => expect(sources.filter((name) => tierOf(name) < 0)).toEqual([]));

test("a tier imports itself and lower ones only, and a feature never a feature", () => {
  const broken = sources.flatMap((name) =>
    importsOf(name)
      .filter(
        (other) =>
          tierOf(other) > tierOf(name) || (featureOf(name) !== null && featureOf(other) !== null && featureOf(name) !== featureOf(other)),
      )
      .map((other) => `${name} -> ${other}`),
  );
  expect(broken).toEqual([]);
});

test("the engine's bindings and the window system are imported in one place", () => {
  expect(sources.filter((name) => /@tauri-apps/.test(text(name)) && !name.startsWith("generated/"))).toEqual(
    ["app/backend.ts", "backend/tauri.ts"].sort(),
  );
});

test("no barrel files, no file over 300 lines, no cycles", () => {
  expect(sources.filter((name) => /(^|\/)index\.tsx?$/.test(name))).toEqual([]);
  expect([...sources, ...tests].filter((name) => !name.startsWith("generated/") && text(name).split("\n").length > 301)).toEqual([]);
  const edges = new Map(
    sources.map((name) => [name, importsOf(name).flatMap((other) => sources.filter((one) => one.replace(/\.tsx?$/, "") === other))]),
  );
  const walk = (name: string, above: string[]): string[] =>
    above.includes(name) ? [[...above, name].join(" -> ")] : (edges.get(name) ?? []).flatMap((next) => walk(next, [...above, name]));
  expect(sources.flatMap((name) => walk(name, [])).slice(0, 1)).toEqual([]);
});

test("a component stays under 120 lines", () => {
  const long = sources.flatMap((name) =>
    [...text(name).matchAll(/^(?:export )?function ([A-Z]\w*)[\s\S]*?^}/gm)]
      .filter((found) => found[0].split("\n").length > 120)
      .map((found) => `${name}: ${found[1]}`),
  );
  expect(long).toEqual([]);
});

test("raw colours stand in the theme alone", () => {
  const raw = files.filter(
    (name) =>
      name.endsWith(".css") &&
      !name.startsWith("theme/") &&
      /oklch\(|rgba?\(|#[0-9a-f]{3,8}\b/i.test(
        text(name)
          .replace(/color-mix\([^;]*;/g, "")
          .replace("background: #fff", "")
          .replaceAll("#page", "")
          .replaceAll("background: #fff", ""),
      ),
  );
  expect(raw).toEqual([]);
});

test("components use meanings, never primitives", () => {
  const primitives = [...text("theme/primitives.css").matchAll(/--([\w-]+):/g)].map((found) => `var(--${found[1]})`);
  const users = files.filter((name) => !name.startsWith("theme/") && primitives.some((one) => text(name).includes(one)));
  expect(users).toEqual([]);
});

test("every custom property that is used is set", () => {
  const set = new Set(
    files.filter((name) => name.endsWith(".css")).flatMap((name) => [...text(name).matchAll(/--([\w-]+):/g)].map((found) => found[1])),
  );
  const given = new Set(["trigger-width"]);
  const unset = files.flatMap((name) =>
    [...text(name).matchAll(/var\(--([\w-]+)\)/g)]
      .map((found) => found[1] ?? "")
      .filter((one) => !set.has(one) && !given.has(one))
      .map((one) => `${name}: ${one}`),
  );
  expect(unset.filter((one) => !one.includes(".test."))).toEqual([]);
});
