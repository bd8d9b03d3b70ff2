import type { Loaded } from "../backend/context";
import { FaultNote } from "./FaultNote";
import { clock } from "./format";
import { words } from "./words";

/** Says that what is shown is old, since when, and why it could not be loaded again. */
export function Stale({ of }: { of: Loaded<unknown> }) {
  if (of.value === null || of.fault === null) return null;
  return (
    <div data-testid="stale">
      <FaultNote fault={of.fault} again={of.reload} />
      <p className="s12 t2 stale">{words.fault.asOf(clock(of.atMs / 1000))}</p>
    </div>
  );
}
