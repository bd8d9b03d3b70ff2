import { expect, test } from "vitest";
import { build, type Rolldown } from "vite";

/** What the window's first picture waits for: React, what the sign-in takes, and no page behind it. */
const MOST_BYTES = 450_000;

test("the first picture waits for no page's own code, and for all of the styles", { timeout: 60_000 }, async () => {
  const mode = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  const { output } = (await build({ mode: "production", logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  process.env.NODE_ENV = mode;
  const chunks = new Map(output.flatMap((one) => (one.type === "chunk" ? [[one.fileName, one] as const] : [])));
  const first = new Set<string>();
  const take = (name: string) => {
    if (first.has(name)) return;
    first.add(name);
    chunks.get(name)?.imports.forEach(take);
  };
  const start = [...chunks.values()].find((one) => one.isEntry && one.moduleIds.some((id) => id.endsWith("/index.html")));
  take(start?.fileName ?? "");
  const modules = [...first].flatMap((name) => chunks.get(name)?.moduleIds ?? []);
  expect(modules.filter((id) => /src\/screens\/(?!SignIn)|app\/(Inside|Shell)/.test(id) && id.endsWith(".tsx"))).toEqual([]);
  expect([...first].reduce((sum, name) => sum + Buffer.byteLength(chunks.get(name)?.code ?? ""), 0)).toBeLessThan(MOST_BYTES);
  const behind = [...chunks.values()].filter((one) => !first.has(one.fileName) && !/^assets\/(bar|player)-/.test(one.fileName));
  expect(behind.flatMap((one) => one.moduleIds.filter((id) => id.endsWith(".css")))).toEqual([]);
});
