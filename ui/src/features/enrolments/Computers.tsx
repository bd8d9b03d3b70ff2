import { useState } from "react";
import { useBackend, useLoaded } from "../../backend/context";
import type { EnrolledDeviceView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { RevokeQuestion } from "../../parts/RevokeQuestion";
import { ResetQuestion } from "./ResetQuestion";

const say = words.computers;

interface Asked {
  one: EnrolledDeviceView;
  whole: boolean;
}

/** Computers that were let in, and the way to put one, or all of a person's, out again. */
export function Computers() {
  const [open, setOpen] = useState(false);
  return (
    <details className="enrolments" open={open} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="computers">
      <summary>{say.title}</summary>
      {open ? <List /> : null}
    </details>
  );
}

function List() {
  const backend = useBackend();
  const devices = useLoaded(() => backend.devices(), "devices", ["enrolments"]);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [reset, setReset] = useState<EnrolledDeviceView | null>(null);
  return (
    <>
      <FaultNote fault={devices.fault} again={devices.reload} />
      <ul>
        {(devices.value ?? []).map((one) => (
          <li key={`${one.person} ${one.device}`} data-testid={`computer-${one.device}`}>
            <b>{one.name || one.person}</b>
            <span className="mono s11 t2">{one.person}</span>
            <span className="mono s11 t3">{one.keyShort}</span>
            {one.revoked ? (
              <span className="s12 red medium push">{say.revoked}</span>
            ) : (
              <>
                <Time className="s12 t3" at={one.enrolledAt} as="ago" say={say.since} />
                <span className="row gap-1 push">
                  <Button size="sm" look="quiet" onPress={() => setReset(one)} data-testid="reset-factor">
                    {words.resetFactor.open}
                  </Button>
                  <Button size="sm" look="quiet" onPress={() => setAsked({ one, whole: true })} data-testid="revoke-person">
                    {say.person}
                  </Button>
                  <Button size="sm" look="danger" onPress={() => setAsked({ one, whole: false })} data-testid="revoke-device">
                    {words.revoke.revoke}
                  </Button>
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
      {reset ? <ResetQuestion key={reset.person} one={reset} onDone={() => setReset(null)} onClose={() => setReset(null)} /> : null}
      {asked ? (
        <RevokeQuestion
          key={`${asked.one.device} ${asked.whole}`}
          title={asked.whole ? say.askPerson(asked.one.name) : say.askDevice(asked.one.name, asked.one.keyShort)}
          lead={asked.whole ? say.personLead : say.deviceLead}
          withCode
          revoke={(reason, code) =>
            asked.whole ? backend.revokePerson(asked.one.person, reason, code) : backend.revokeDevice(asked.one.device, reason, code)
          }
          onDone={() => {
            setAsked(null);
            devices.reload();
          }}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </>
  );
}
