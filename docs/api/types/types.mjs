// TypeScript of the services' calls, made from the documents beside this folder. Fails when what is committed is stale; with
// `--write` it writes it. A package of its own, for openapi-typescript needs TypeScript 5 and the UI has 7.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

let stale = false;
for (const service of ["broker", "audit", "gateway"]) {
  const document = JSON.parse(await readFile(new URL(`../${service}.json`, import.meta.url), "utf8"));
  const fresh = COMMENT_HEADER + astToString(await openapiTS(document, { alphabetize: true }));
  const file = new URL(`${service}.d.ts`, import.meta.url);
  if (process.argv.includes("--write")) await writeFile(file, fresh);
  if (fresh !== (await readFile(file, "utf8").catch(() => ""))) {
    console.error(`docs/api/types/${service}.d.ts is stale: run \`cargo xtask api\``);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
