import { useEffect, useState } from "react";
import { Switch } from "react-aria-components";
import { faultOf } from "../../backend/backend";
import { useBackend, useLoaded } from "../../backend/context";
import type { UiError, Notifications as Wanted } from "../../generated/bindings";
import { Skeleton } from "../../parts/Empty";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";
import { QuietHours } from "./QuietHours";
import { Row } from "./Row";

const say = words.settings.notify;
const kinds = ["waits", "decided", "endsSoon", "ended"] as const;
const alarms = ["breakGlass", "logBroken"] as const;

/** What the system's notifications tell: each on or off, and beside them what nobody can turn off, with the reason. */
export function Notifications() {
  const backend = useBackend();
  const { value, fault, reload } = useLoaded(() => backend.notifications(), "notifications");
  const [notKept, setNotKept] = useState<UiError | null>(null);
  const [wanted, want] = useState<Wanted | null>(null);
  useEffect(() => want(value), [value]);
  const choose = (next: Wanted) => {
    want(next);
    // All of them each time: whichever comes last is what is shown.
    backend.setNotifications(next).then(
      () => setNotKept(null),
      (thrown) => setNotKept(faultOf(thrown)),
    );
  };
  return (
    <Row id="notifications" label={say.title} note={words.settings.here}>
      <p className="s12 t2">{say.note}</p>
      <FaultNote fault={fault} again={reload} />
      {wanted ? (
        <>
          {kinds.map((kind) => (
            <Switch
              key={kind}
              className="switch"
              isSelected={wanted[kind]}
              onChange={(on) => choose({ ...wanted, [kind]: on })}
              data-testid={`notify-${kind}`}
            >
              <span className="knob" aria-hidden="true" />
              {say.kinds[kind]}
            </Switch>
          ))}
          <QuietHours hours={wanted.quiet ?? {}} onChange={(quiet) => choose({ ...wanted, quiet })} />
        </>
      ) : fault ? null : (
        <Skeleton rows={kinds.length} label={words.loading} />
      )}
      <FaultNote fault={notKept} />
      <ul className="always">
        {alarms.map((kind) => (
          <li key={kind} data-testid={`always-${kind}`}>
            <span className="tag">{say.always}</span>
            <span>
              {say.alarms[kind]} <span className="t2">{say.why[kind]}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="s12 t2">{say.pause}</p>
    </Row>
  );
}
