import type { ReactNode } from "react";
import type { LogView } from "../../generated/bindings";
import { CopyButton } from "../../parts/CopyButton";
import { thousands } from "../../parts/format";
import { words } from "../../parts/words";

const say = words.log;
const line = { stroke: "var(--seal)", strokeWidth: 2.4 };

const pictures: Record<keyof typeof say.states, ReactNode> = {
  intact: <path d="M1 6H24M1 11H24M1 16H24" style={line} />,
  waiting: (
    <>
      <path d="M1 6H24M1 11H24" style={line} />
      <path d="M1 16H14" style={{ stroke: "var(--control)", strokeWidth: 2.4, strokeDasharray: "3 2" }} />
    </>
  ),
  broken: (
    <>
      <path d="M1 6H24M1 11H24" style={line} />
      <path d="M1 16H10L18 21H25" style={{ stroke: "var(--red)", strokeWidth: 2.4, fill: "none" }} />
      <path d="M8 12.5l4.5 5M12.5 12.5l-4.5 5" style={{ stroke: "var(--red)", strokeWidth: 1.4 }} />
    </>
  ),
};

/** How it works, the three states drawn, the words to compare, and the root. */
export function Aside({ log }: { log: LogView }) {
  return (
    <aside className="rt scroll" data-pane="how">
      <h2>{say.how}</h2>
      <p className="s12 t2">{say.howText}</p>
      <h3>{say.could}</h3>
      {(Object.keys(say.states) as (keyof typeof say.states)[]).map((state) => (
        <div key={state} className="st">
          <svg width="26" height="22" viewBox="0 0 26 22" aria-hidden="true">
            {pictures[state]}
          </svg>
          <div>
            <b>{say.states[state][0]}</b>
            {say.states[state][1]}
          </div>
        </div>
      ))}
      <h3 style={{ paddingTop: 10 }}>{say.phone}</h3>
      <div className="words8 s12" data-testid="phone-words">
        {log.words.map((word, at) => (
          <span key={`${word}${at}`}>{word}</span>
        ))}
      </div>
      <p className="s12 t2">{say.phoneNote}</p>
      <h3>{say.without}</h3>
      <p className="s12 t2">{say.withoutText}</p>
      <div className="copy-seal">
        <CopyButton text={() => `${log.size}\n${log.root}\n${log.words.join(" ")}`}>{say.copySeal}</CopyButton>
      </div>
      <div className="rootline">
        <div className="s11 t3">{say.root(thousands(log.size))}</div>
        <div className="mono t2">
          {log.root.match(/.{1,16}/g)?.map((part, at) => (
            <span key={at}>{part}</span>
          ))}
        </div>
      </div>
    </aside>
  );
}
