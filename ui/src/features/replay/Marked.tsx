import { revealWords as say } from "../../parts/revealWords";
import { pieces } from "./marks";
import { useChosen } from "./useMarks";

/** Of a text with more pieces, the marks behind these are chosen in the list. */
const MOST_PRESSED = 1000;

/** How many are chosen, beside where they are chosen. */
export function ChosenMarks() {
  const count = useChosen()?.digits.size ?? 0;
  return (
    <span role="status" className={count > 0 ? "s12 medium push" : "unseen"} data-testid="chosen-marks">
      {count > 0 ? say.chosen(count) : ""}
    </span>
  );
}

/** A text of the record, in which each mark can be chosen. */
export function Marked({ text }: { text: string }) {
  const chosen = useChosen();
  if (!chosen) return text;
  return pieces(text).map((piece, at) =>
    typeof piece === "string" ? (
      piece
    ) : at > MOST_PRESSED ? (
      say.mark(piece.rule, piece.digits)
    ) : (
      <button
        key={at}
        type="button"
        className="mark"
        aria-pressed={chosen.digits.has(piece.digits)}
        onClick={() => chosen.toggle([piece.digits])}
        data-testid={`in-text-${piece.digits}`}
      >
        {say.mark(piece.rule, piece.digits)}
      </button>
    ),
  );
}
