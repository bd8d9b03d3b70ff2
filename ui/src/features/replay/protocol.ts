import type { ResourceView } from "../../generated/bindings";
import type { PageEvent } from "./timeline";

/** What the window says to the player. */
export type ToPlayer =
  | { say: "load"; events: PageEvent[]; resources?: ResourceView[] }
  /** What came behind those, of a Session that runs. */
  | { say: "add"; events: PageEvent[]; resources?: ResourceView[] }
  /** Show the page as it was at `atMs`; run on from there when `playing`. */
  | { say: "show"; atMs: number; playing: boolean; speed: number };

/** What the player says to the window. */
export type FromPlayer =
  | { say: "ready" }
  | { say: "loaded" }
  | { say: "failed" }
  | { say: "key"; key: string; shift: boolean }
  /** The digits of marks that were pressed on a page. */
  | { say: "marks"; digits: string[] };
