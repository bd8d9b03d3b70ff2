import { later } from "../parts/later";
import { pages } from "./pages";

/** What is behind the sign-in. The window's first picture waits for none of it. */
export const Inside = later(() => import("./Inside").then((from) => from.Inside));

const STANDING_MS = 400;

/** One after the other, so that what a person does meanwhile comes between. */
export async function loadAll() {
  for (const one of [Inside, ...pages]) await one.load();
}

/** Once the first picture stands: nobody waits for a page that they go to. */
export function loadAllSoon(): () => void {
  const timer = setTimeout(() => void loadAll().catch(() => {}), STANDING_MS);
  return () => clearTimeout(timer);
}
