import { CaretRightIcon } from "@phosphor-icons/react";
import { Button } from "../../parts/Button";
import { thousands } from "../../parts/format";
import { useKeys } from "../../parts/keys";
import { go } from "../../parts/route";
import { words } from "../../parts/words";
import type { ToReview } from "./useToReview";

const say = words.replay;

/** How many wait for a review, and the way to the next one. */
export function Next({ waiting }: { waiting: ToReview }) {
  const { next, left, atLeast } = waiting;
  const open = () => next && go(`replay/${encodeURIComponent(next.id)}`);
  useKeys({ N: () => void open() });
  if (!next) return null;
  return (
    <>
      <span className="s12 t3 nw to-review" data-testid="to-review">
        {say.toReview(`${thousands(left)}${atLeast ? "+" : ""}`)}
      </span>
      <Button size="sm" onPress={open} data-testid="next-session">
        {say.next}
        <CaretRightIcon size={14} className="flips" />
      </Button>
    </>
  );
}
