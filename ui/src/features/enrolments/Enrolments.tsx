import { useState } from "react";
import { useBackend, useLoaded } from "../../backend/context";
import type { EnrolmentView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { EnrolQuestion } from "./EnrolQuestion";
import "./enrolments.css";

const say = words.enrolments;

/** People whose computer an administrator has to let in. */
export function Enrolments() {
  const backend = useBackend();
  const pending = useLoaded(() => backend.enrolments(), "enrolments", ["enrolments"]);
  const [asked, setAsked] = useState<EnrolmentView | null>(null);
  const done = () => {
    setAsked(null);
    pending.reload();
  };
  const list = pending.value ?? [];
  if (list.length === 0 && !pending.fault) return null;
  return (
    <section className="enrolments" aria-labelledby="enrolments">
      <h2 id="enrolments">{say.title}</h2>
      <p className="s12 t2">{say.note}</p>
      <FaultNote fault={pending.fault} />
      <ul>
        {list.map((one) => (
          <li key={one.device} data-testid={`enrolment-${one.person}`}>
            <b>{one.name}</b>
            <span className="mono s11 t2">{one.person}</span>
            <Time className="s12 t3" at={one.since} as="ago" say={say.since} />
            <span className="s12">
              {say.key} <span className="mono">{one.keyShort}</span>
            </span>
            {one.check === "checks-out" ? (
              <Button size="sm" onPress={() => setAsked(one)} data-testid="enrol">
                {say.enrol}
              </Button>
            ) : (
              <span className="s12 red medium">{words.approvals.mismatch}</span>
            )}
          </li>
        ))}
      </ul>
      {asked ? <EnrolQuestion key={asked.device} one={asked} onDone={done} onClose={() => setAsked(null)} /> : null}
    </section>
  );
}
