import { useServerSeconds } from "../../backend/clock";
import { useAction, useBackend, useLoaded } from "../../backend/context";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { ago } from "../../parts/format";
import { words } from "../../parts/words";
import "./enrolments.css";

const say = words.enrolments;

/** People whose computer an administrator has to let in. */
export function Enrolments() {
  const backend = useBackend();
  const now = useServerSeconds(10_000);
  const pending = useLoaded(() => backend.enrolments(), "enrolments", ["enrolments"]);
  const { busy, fault, run } = useAction();
  const list = pending.value ?? [];
  if (list.length === 0 && !pending.fault) return null;
  return (
    <section className="enrolments" aria-labelledby="enrolments">
      <h2 id="enrolments">{say.title}</h2>
      <p className="s12 t2">{say.note}</p>
      <FaultNote fault={pending.fault ?? fault} />
      <ul>
        {list.map((one) => (
          <li key={one.device} data-testid={`enrolment-${one.person}`}>
            <b>{one.name}</b>
            <span className="s12 t3">{say.since(ago(now - one.since))}</span>
            <span className="s12">
              {say.key} <span className="mono">{one.keyShort}</span>
            </span>
            {one.check === "checks-out" ? (
              <Button
                size="sm"
                isDisabled={busy}
                onPress={() => run(() => backend.enrol(one.person, one.device).then(pending.reload))}
                data-testid="enrol"
              >
                {say.enrol}
              </Button>
            ) : (
              <span className="s12 red medium">{words.approvals.mismatch}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
