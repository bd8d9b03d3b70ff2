import { availableParallelism } from "node:os";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** rrweb's option that replays canvas commands also lets recorded pages run scripts. No build of ours has it. */
let met = false;
const noCanvas: Plugin = {
  name: "no-canvas",
  enforce: "pre",
  buildEnd(error) {
    if (!error && !met && this.environment?.mode === "build") throw new Error("rrweb's player was not met under its name");
  },
  transform(code, id) {
    if (!/@rrweb[\\/]replay[\\/]dist[\\/]replay\.js/.test(id)) return;
    const parts = code.split("this.config.UNSAFE_replayCanvas");
    if (parts.length < 2) throw new Error("rrweb's canvas option is not where it was");
    met = true;
    return { code: parts.join("false"), map: null };
  },
};

const cores = availableParallelism();
/** What measures how long something takes has the machine to itself. */
const TIMED = ["palette", "sessions", "forged", "webkit-forged"].map((name) => `browser/${name}.test.ts`);

export default defineConfig({
  plugins: [react(), noCanvas],
  base: "./",
  server: { host: "127.0.0.1", strictPort: true },
  build: {
    outDir: "dist",
    target: ["safari18", "chrome123"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "bar.html", "player.html"] },
  },
  test: {
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "pages",
          include: ["src/**/*.test.{ts,tsx}"],
          environment: "happy-dom",
          setupFiles: ["src/testing.ts"],
          css: false,
          maxWorkers: cores,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["browser/**/*.test.ts"],
          exclude: TIMED,
          environment: "node",
          // A browser waits for its next frame most of the time.
          maxWorkers: cores + 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: "timed", include: TIMED, environment: "node", maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
