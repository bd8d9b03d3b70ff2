import type { ForgottenSessionView } from "../../generated/bindings";
import { Scope } from "../../parts/Scope";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import "./sessions.css";

const say = words.sessions;

/** What the log has left of Sessions whose Organization was forgotten: nothing to open, and nothing wrong. */
export function Forgotten({ sessions }: { sessions: ForgottenSessionView[] }) {
  if (sessions.length === 0) return null;
  return (
    <section className="forgotten s12" aria-label={say.forgotten} data-testid="forgotten">
      <ul>
        {sessions.map((one) => (
          <li key={one.id} data-testid={`forgotten-${one.id}`}>
            <Time className="t2" at={one.openedAt} as="short" />
            <b className="medium">{one.forgotten.organization.name}</b>
            <Scope scope={one.scope} />
            <Time className="t2" at={one.forgotten.at} as="day" say={(day) => say.destroyed(day, one.forgotten.by)} />
            <span className="t3">{one.forgotten.justification}</span>
            {one.forgotten.signerSaw ? (
              <span role="alert" data-testid="signer-saw">
                {one.forgotten.signerSaw === "another-log" ? say.anotherLog : say.notCompared}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
