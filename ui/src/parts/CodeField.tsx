import { type RefObject, useId, useRef } from "react";
import "./codefield.css";
import { words } from "./words";

interface Props {
  value: string;
  onChange: (code: string) => void;
  /** Called on Enter, when six digits are in. Never on the sixth digit. */
  onEnter?: () => void;
  label?: string;
  wrong?: string | null;
  /** Beside the cells, where there is room for it. */
  hint?: string;
  autoFocus?: boolean;
  input?: RefObject<HTMLInputElement | null>;
}

const CELLS = [0, 1, 2, 3, 4, 5];

/** One real input under six drawn cells. */
export function CodeField({ value, onChange, onEnter, label = words.code.label, wrong, hint, autoFocus, input }: Props) {
  const id = useId();
  const own = useRef<HTMLInputElement>(null);
  return (
    <div className="code">
      <label className="lbl" htmlFor={id}>
        {label}
      </label>
      <div className={`otp${wrong ? " wrong" : ""}`} dir="ltr">
        <input
          ref={input ?? own}
          id={id}
          data-testid="code-field"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          spellCheck={false}
          autoFocus={autoFocus}
          value={value}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? `${id}-wrong` : hint ? `${id}-hint` : undefined}
          onPaste={(event) => {
            event.preventDefault();
            onChange(event.clipboardData.getData("text").replace(/\D/g, "").slice(0, 6));
          }}
          onChange={(event) => onChange(event.target.value.replace(/\D/g, "").slice(0, 6))}
          onKeyDown={(event) => {
            if (event.key === "Enter" && value.length === 6) {
              event.preventDefault();
              if (!event.repeat) onEnter?.();
            }
          }}
        />
        {CELLS.map((cell) => (
          <i key={cell} aria-hidden="true" className={cell === Math.min(value.length, 5) ? "cur" : ""}>
            {value[cell] ?? ""}
          </i>
        ))}
      </div>
      {hint ? (
        <span id={`${id}-hint`} className="s12 t3">
          {hint}
        </span>
      ) : null}
      {wrong ? (
        <div id={`${id}-wrong`} className="red s12 code-wrong" role="alert">
          {wrong}
        </div>
      ) : null}
    </div>
  );
}
