import { compare, type Replayed } from "./compare";
import { drive, type Driven } from "./drive";
import { seek } from "./seek";

/** Both halves of a comparison: what was looked at, then its replay. */
export async function run(what: string, plan: Driven & Replayed) {
  if (what === "drive") return drive(plan);
  if (what === "compare") return compare(plan);
  if (what === "seek") return seek(plan);
  throw new Error(`nothing is called ${what}`);
}
