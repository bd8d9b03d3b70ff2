import { CheckIcon } from "@phosphor-icons/react";
import type { ReactNode } from "react";
import { words } from "../../parts/words";
import "./setup.css";

export type StepState = "done" | "current" | "future";

interface Props {
  number: number;
  state: StepState;
  title: string;
  note?: ReactNode;
  children?: ReactNode;
}

/** One of the four steps of setting up. */
export function Step({ number, state, title, note, children }: Props) {
  return (
    <li className={`stp ${state}`} aria-current={state === "current" ? "step" : undefined}>
      <span className="no">{state === "done" ? <CheckIcon size={14} weight="bold" aria-label={words.signIn.done} /> : number}</span>
      <div>
        <div className="t">{title}</div>
        {note ? <div className={state === "future" ? "t3 s12" : "t2 s12"}>{note}</div> : null}
        {state === "current" ? children : null}
      </div>
    </li>
  );
}
