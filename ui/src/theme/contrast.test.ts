import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(`src/theme/${name}.css`, "utf8");

/** OKLCH to relative luminance, through linear sRGB, clipped to what a screen can show. */
function luminance([lightness, chroma, hue]: [number, number, number]): number {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const primitives = new Map(
  [...read("primitives").matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)].map((found): [string, number] => [
    found[1] ?? "",
    luminance([Number(found[2]), Number(found[3]), Number(found[4])]),
  ]),
);
const meanings = new Map(
  [...read("meanings").matchAll(/--([\w-]+): light-dark\(var\(--([\w-]+)\), var\(--([\w-]+)\)\)/g)].map(
    (found): [string, [string, string]] => [found[1] ?? "", [found[2] ?? "", found[3] ?? ""]],
  ),
);

function contrast(over: string, under: string, theme: 0 | 1): number {
  const of = (name: string) => primitives.get(meanings.get(name)?.[theme] ?? "") ?? Number.NaN;
  const [bright, dark] = [of(over), of(under)].sort((a, b) => b - a) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

const texts: [string, string, number][] = [
  ["text", "sheet", 7],
  ["text", "desk", 7],
  ["text", "select", 7],
  ["text", "ink-soft", 7],
  ["text", "raised", 7],
  ["text", "sunken", 7],
  ["text", "red-soft", 7],
  ["text-2", "sheet", 4.5],
  ["text-2", "desk", 4.5],
  ["text-2", "select", 4.5],
  ["text-2", "hover", 4.5],
  ["text-2", "red-soft", 4.5],
  ["text-2", "ink-soft", 4.5],
  ["text-3", "sheet", 4.5],
  ["text-3", "desk", 4.5],
  ["text-3", "select", 4.5],
  ["text-3", "ink-soft", 4.5],
  ["text-3", "hover", 4.5],
  ["text-3", "sunken", 4.5],
  ["text-3", "raised", 4.5],
  ["ink-on", "ink", 4.5],
  ["ink-on", "ink-hover", 4.5],
  ["ink", "sheet", 4.5],
  ["ink", "ink-soft", 4.5],
  ["ink", "raised", 4.5],
  ["ink", "select", 4.5],
  ["seal-on", "seal", 4.5],
  ["seal-on", "seal-hover", 4.5],
  ["seal", "sheet", 4.5],
  ["seal", "seal-soft", 4.5],
  ["seal", "select", 4.5],
  ["amber", "sheet", 4.5],
  ["amber", "amber-soft", 4.5],
  ["amber", "select", 4.5],
  ["amber-on", "amber", 4.5],
  ["red-on", "red", 4.5],
  ["red-on", "red-hover", 4.5],
  ["red", "sheet", 4.5],
  ["red", "red-soft", 4.5],
  ["link", "sheet", 4.5],
  ["rec", "sheet", 3],
  ["control", "sheet", 3],
  ["control", "raised", 3],
  ["control", "desk", 3],
  ["focus", "sheet", 3],
  ["focus", "raised", 3],
  ["focus", "select", 3],
  ["focus", "desk", 3],
];

test.each(texts)("%s on %s reaches %f to 1 in both themes", (over, under, least) => {
  expect(contrast(over, under, 0)).toBeGreaterThanOrEqual(least);
  expect(contrast(over, under, 1)).toBeGreaterThanOrEqual(least);
});

test("every meaning names primitives that exist", () => {
  for (const [light, dark] of meanings.values()) {
    expect(primitives.has(light)).toBe(true);
    expect(primitives.has(dark)).toBe(true);
  }
});
