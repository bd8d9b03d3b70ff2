// Starts the browser's part of `cargo xtask replay`, which shares its TypeScript with the tests.
import { readFileSync } from "node:fs";
import { runnerImport } from "vite";

const [what, plan] = process.argv.slice(2);
const { module } = await runnerImport("./browser/replay/main.ts");
try {
  await module.run(what, JSON.parse(readFileSync(plan, "utf8")));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
