import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
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
    environment: "happy-dom",
    setupFiles: ["src/testing.ts"],
    css: false,
    testTimeout: 20000,
  },
});
