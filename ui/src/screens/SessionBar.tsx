import { SignOutIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import { useEffect, useState } from "react";
import { ClockOffset, useServerSeconds } from "../backend/clock";
import { useAction, useBackend, useLoaded } from "../backend/context";
import { Address, Place, Recording, TimeLeft } from "../features/bar/Parts";
import { warningOf } from "../features/bar/warnings";
import type { DoorView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { urgencyOf } from "../parts/Countdown";
import { saidEnd } from "../parts/ending";
import { useCommandKeys } from "../parts/keys";
import { words } from "../parts/words";

const say = words.bar;
const LOOK_MS = 1000;

function Middle({ door, sure, onKeep }: { door: DoorView; sure: boolean; onKeep: () => void }) {
  const left = door.endsAt - useServerSeconds();
  const [dismissed, setDismissed] = useState<number | null>(null);
  const warning = warningOf(left, dismissed);
  if (sure) {
    return (
      <div className="note rd" role="alert">
        <span className="grow">{say.sure}</span>
        <Button size="sm" onPress={onKeep} autoFocus>
          {say.keep}
        </Button>
      </div>
    );
  }
  if (door.paused) {
    return (
      <div className="note rd s12" role="alert" data-testid="paused">
        <WarningOctagonIcon size={16} className="red" />
        <span>
          <b className="red">{say.stopped}</b> {say.stoppedNote}
        </span>
      </div>
    );
  }
  if (warning === null) return <Address door={door} />;
  return (
    <div className="note am s12" role="status" data-testid="warning">
      <span className="grow">
        <b className="amber">{say.minutes(warning)}.</b> {say.minutesNote}
      </span>
      <Button size="sm" look="quiet" onPress={() => setDismissed(warning)}>
        {say.dismiss}
      </Button>
    </div>
  );
}

function Bar({ door }: { door: DoorView }) {
  const backend = useBackend();
  const now = useServerSeconds();
  const { busy, fault, run } = useAction();
  const [sure, setSure] = useState(false);
  const left = Math.max(0, door.endsAt - now);
  const end = () => (sure ? void run(() => backend.endSession(door.request)) : setSure(true));
  useCommandKeys({ End: () => setSure(true) });
  if (door.endedBy) {
    return (
      <div className="session-bar" data-testid="session-ended">
        <div className="sb">
          <Place door={door} />
          <div className="note rd" role="alert">
            <b>{say.endedTitle}</b> <span className="t2">{say.ended(saidEnd(door.endedBy))}</span>
          </div>
        </div>
      </div>
    );
  }
  return (
    <div className="session-bar" data-testid="session-bar">
      <div className="sb">
        <Place door={door} />
        <Middle door={door} sure={sure} onKeep={() => setSure(false)} />
        <Recording door={door} />
        <TimeLeft door={door} />
        <Button look={sure ? "stop" : "danger"} icon={<SignOutIcon size={16} />} isDisabled={busy} onPress={end} data-testid="end-session">
          {say.end}
        </Button>
        {fault ? (
          <span className="red s12" role="alert">
            {fault.message}
          </span>
        ) : null}
      </div>
      <div className={`tl ${urgencyOf(left)}`}>
        <i style={{ width: `${Math.min(100, (left / Math.max(1, door.endsAt - door.openedAt)) * 100)}%` }} />
      </div>
    </div>
  );
}

/** The 52 px above the Organization's page. */
export function SessionBar({ session }: { session: string | null }) {
  const backend = useBackend();
  const doors = useLoaded(() => backend.doors(), "doors", ["door"]);
  const state = useLoaded(() => backend.state(), "state", ["state"]);
  const { reload } = doors;
  useEffect(() => {
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const door = doors.value?.find((one) => one.session === session) ?? (session ? undefined : doors.value?.[0]);
  if (!doors.value) return <div className="session-bar" />;
  if (!door) return <div className="session-bar s12 t3 pad-bar">{say.none}</div>;
  return (
    <ClockOffset value={state.value?.clockOffsetMs ?? 0}>
      <Bar door={door} />
    </ClockOffset>
  );
}
