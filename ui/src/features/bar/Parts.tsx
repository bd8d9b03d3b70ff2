import { ArrowClockwiseIcon, ArrowLeftIcon, ArrowRightIcon, EyeIcon, LockSimpleIcon, PauseIcon } from "@phosphor-icons/react";
import type { DoorView, Move } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Countdown } from "../../parts/Countdown";
import { duration } from "../../parts/format";
import { Scope, scopeLevel } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { words } from "../../parts/words";
import "./bar.css";
import { isBehind, seconds } from "./warnings";

const say = words.bar;

/** Where one is: Organization, ticket, reason, scope. Never shrinks. */
export function Place({ door }: { door: DoorView }) {
  return (
    <>
      <Tally state={door.endedBy ? "ended" : "countersigned"} size={22} />
      <div className="where">
        <div className="org" data-testid="organization" title={door.organization.name}>
          {door.organization.name}
        </div>
        <div className="s11 t3 why">
          <span className="mono">{door.ticket}</span> &nbsp;{(words.reason[door.reason] ?? door.reason).toLowerCase()}
        </div>
      </div>
      <div className={`scopetag l${scopeLevel(door.scope)}`}>
        <Scope scope={door.scope} />
      </div>
    </>
  );
}

/** Back, forward, reload, and the address, which cannot be typed in. */
export function Address({ door, onMove }: { door: DoorView; onMove: (to: Move) => void }) {
  const [host = "", ...rest] = door.address.replace(/^https:\/\//, "").split("/");
  return (
    <>
      <span className="vr moves" />
      <span className="row moves">
        <Button look="quiet" label={say.back} icon={<ArrowLeftIcon size={16} />} onPress={() => onMove("back")} />
        <Button look="quiet" label={say.forward} icon={<ArrowRightIcon size={16} />} onPress={() => onMove("forward")} />
        <Button look="quiet" label={say.reload} icon={<ArrowClockwiseIcon size={16} />} onPress={() => onMove("reload")} />
      </span>
      <div className="url" title={door.address} aria-label={say.address} role="group">
        <LockSimpleIcon size={14} />
        <span className="ell" data-testid="address">
          <b>{host}</b>
          {rest.length ? `/${rest.join("/")}` : ""}
        </span>
      </div>
    </>
  );
}

/** The recording and how far it is behind. */
export function Recording({ door }: { door: DoorView }) {
  const lag = seconds(door.recordingLagMs);
  if (door.paused)
    return (
      <span className="paused red medium" data-testid="recording">
        <PauseIcon size={14} weight="fill" />
        {say.paused}
      </span>
    );
  if (isBehind(door))
    return (
      <span className="rec amber" data-testid="recording">
        {say.lagging(lag)}
      </span>
    );
  return (
    <div data-testid="recording">
      <span className="rec">{say.recording}</span>
      <div className="s11 t3">{say.behind(lag)}</div>
    </div>
  );
}

/** Who watches, as long as anybody does. */
export function Watchers({ door }: { door: DoorView }) {
  const names = door.watchers.join(", ");
  return (
    <div role="status" data-testid="watchers">
      {names ? (
        <div className="note">
          <EyeIcon size={16} aria-hidden="true" />
          <b className="wrap-any">{words.watching.watchedBy(names)}</b>
        </div>
      ) : null}
    </div>
  );
}

/** Time left of the whole. */
export function TimeLeft({ door }: { door: DoorView }) {
  return (
    <>
      <span className="vr" />
      <span className="left">
        <Countdown endsAt={door.endsAt} speak />
      </span>
      <span className="s11 t3">
        {say.left}
        <br />
        {duration(door.endsAt - door.openedAt)}
      </span>
    </>
  );
}
