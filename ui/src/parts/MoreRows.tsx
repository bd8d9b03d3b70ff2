import { thousands } from "./format";
import { words } from "./words";

/** The way to the rows before or after the ones that are drawn. */
export function MoreRows({ side, count, onPress }: { side: "earlier" | "later"; count: number; onPress: () => void }) {
  if (count === 0) return null;
  return (
    <button type="button" className="more-rows s12" onClick={onPress} data-testid={`rows-${side}`}>
      {words.rows[side](thousands(count))}
    </button>
  );
}
