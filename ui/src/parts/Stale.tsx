import type { Loaded } from "../backend/context";
import { FaultNote } from "./FaultNote";
import { Time } from "./Time";
import { words } from "./words";

/** Says that what is shown is old, since when, and why it could not be loaded again. */
export function Stale({ of }: { of: Loaded<unknown> }) {
  if (of.value === null || of.fault === null) return null;
  return (
    <div data-testid="stale">
      <FaultNote fault={of.fault} again={of.reload} />
      <p className="s12 t2 stale">
        <Time at={of.atMs / 1000} as="clock" say={words.fault.asOf} />
      </p>
    </div>
  );
}
