import { LaptopIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useBackend, useLoaded } from "../../backend/context";
import type { OwnDeviceView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Skeleton } from "../../parts/Empty";
import { FaultNote } from "../../parts/FaultNote";
import { RevokeQuestion } from "../../parts/RevokeQuestion";
import { Stale } from "../../parts/Stale";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { Row } from "./Row";

const say = words.settings.computers;

interface Props {
  one: OwnDeviceView;
  /** Until then it removes no other. */
  waits: boolean;
  /** Why it cannot be removed now. */
  why?: string;
  onRemove: () => void;
}

function Computer({ one, waits, why, onRemove }: Props) {
  const theirs = one.check === "checks-out";
  return (
    <li data-testid={`own-${one.device}`}>
      <LaptopIcon size={18} className="t3" />
      <div className="grow">
        <p className="own-key">
          <span className="mono" title={one.device}>
            {one.keyShort}
          </span>
          {one.here ? <span className="tag">{say.here}</span> : null}
        </p>
        <p className="s12 t3">
          {one.enrolledAt === null ? say.pinned : <Time at={one.enrolledAt} as="ago" say={say.letIn} />}
          {one.signedInAt === null ? null : (
            <>
              , <Time at={one.signedInAt} as="ago" say={say.signedIn} />
            </>
          )}
        </p>
        {waits && one.waitsUntil !== null ? (
          <p className="s12 amber">
            <Time at={one.waitsUntil} as="clock" say={say.new} />
          </p>
        ) : null}
        {theirs ? null : <p className="s12 red">{say.notYours}</p>}
      </div>
      {one.revoked ? (
        <span className="s12 red medium">{say.removed}</span>
      ) : theirs ? (
        <Button
          size="sm"
          look="danger"
          aria-label={say.removeKey(one.keyShort)}
          why={why}
          onPress={onRemove}
          data-testid={`remove-${one.device}`}
        >
          {say.remove}
        </Button>
      ) : null}
    </li>
  );
}

/** Every computer that a person can sign with, and the way to put one that is lost out at once. */
export function OwnComputers() {
  const backend = useBackend();
  const now = useServerSeconds(10_000);
  const devices = useLoaded(() => backend.ownDevices(), "own-devices", ["enrolments"]);
  const [asked, setAsked] = useState<OwnDeviceView | null>(null);
  const [told, setTold] = useState("");
  const list = devices.value ?? [];
  const waits = (one: OwnDeviceView) => !one.revoked && one.waitsUntil !== null && one.waitsUntil > now;
  const isNew = list.some((one) => one.here && waits(one));
  return (
    <Row id="devices" label={say.title}>
      <Stale of={devices} />
      {devices.value ? null : devices.fault ? (
        <FaultNote fault={devices.fault} again={devices.reload} />
      ) : (
        <Skeleton rows={2} label={say.loading} />
      )}
      <div className="own-computers">
        <ul>
          {list.map((one) => (
            <Computer
              key={one.device}
              one={one}
              waits={waits(one)}
              why={isNew && !one.here ? say.newHere : undefined}
              onRemove={() => setAsked(one)}
            />
          ))}
        </ul>
        {list.length === 1 ? <p className="t2">{say.only}</p> : null}
        <p role="status" className="t2" data-testid="computer-told">
          {told}
        </p>
      </div>
      {asked ? (
        <RevokeQuestion
          title={asked.here ? say.askHere : say.ask(asked.keyShort)}
          lead={asked.here ? say.leadHere : say.lead}
          act={say.remove}
          going={say.going}
          withCode
          revoke={(reason, code) => backend.revokeDevice(asked.device, reason, code)}
          onDone={(revoked) => {
            setAsked(null);
            setTold(revoked.gateway ? say.done : say.doneSoon);
            devices.reload();
          }}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </Row>
  );
}
