import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from "react";
import { words } from "../../parts/words";
import { type Completion, completionsOf } from "./completions";
import type { Among } from "./tokens";

const say = words.sessions;

interface Props {
  input: RefObject<HTMLInputElement | null>;
  field: string;
  wrong: string;
  known: Among;
  onWrite: (text: string) => void;
  onTake: (completion: Completion) => void;
  /** Enter, with nothing chosen from the list. */
  onFinish: () => void;
  /** Backspace, with nothing before it in the field. */
  onBack: () => void;
}

/** The field after the tokens, with what can be added under it. */
export function FilterInput({ input, field, wrong, known, onWrite, onTake, onFinish, onBack }: Props) {
  const list = useId();
  const [at, setAt] = useState(-1);
  const [open, setOpen] = useState(false);
  const [all, setAll] = useState(false);
  const options = open ? completionsOf(field, known, all) : [];
  const active = options[at];
  useEffect(() => setAt(-1), [field]);
  const take = (completion: Completion) => {
    onTake(completion);
    setAll(false);
    setOpen(completion.types !== undefined);
    input.current?.focus();
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setOpen(true);
      setAll(true);
      return setAt(options.length > 0 ? (Math.max(at, step > 0 ? -1 : 0) + step + options.length) % options.length : step > 0 ? 0 : -1);
    }
    if (event.key === "Escape" && (options.length > 0 || field)) {
      event.preventDefault();
      if (options.length > 0) return setOpen(false);
      return onWrite("");
    }
    if (event.key === "Backspace" && !field) return onBack();
    if (active && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      event.preventDefault();
      return take(active);
    }
    if (event.key === "Enter" && !event.repeat) {
      event.preventDefault();
      onFinish();
    }
  };
  return (
    <span className="filter-input">
      <input
        ref={input}
        id="find-session"
        role="combobox"
        aria-label={say.filterLabel}
        aria-expanded={options.length > 0}
        aria-controls={options.length > 0 ? list : undefined}
        aria-autocomplete="list"
        aria-activedescendant={active ? `${list}-${at}` : undefined}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? "filter-wrong" : undefined}
        placeholder={say.filter}
        autoComplete="off"
        spellCheck={false}
        value={field}
        onChange={(event) => {
          setOpen(true);
          onWrite(event.target.value);
        }}
        onKeyDown={press}
        // A token that is begun, by a key or by pressing a chip, shows what it can be.
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          setAll(false);
        }}
        data-testid="session-filter"
      />
      {options.length > 0 ? (
        <div id={list} role="listbox" aria-label={say.completions} className="menu completions">
          {options.map((one, place) => (
            <div
              key={one.id}
              id={`${list}-${place}`}
              role="option"
              aria-selected={place === at}
              className="opt"
              onPointerMove={() => setAt(place)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(one)}
              data-testid={`complete-${one.id}`}
            >
              <span className="ell">{one.name}</span>
              <span className="s12 t3 note">{one.note}</span>
            </div>
          ))}
        </div>
      ) : null}
    </span>
  );
}
