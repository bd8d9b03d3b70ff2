import { ArrowClockwiseIcon, PauseCircleIcon, WarningCircleIcon } from "@phosphor-icons/react";
import { useAction, useBackend } from "../../backend/context";
import type { DoorView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { saidEnd } from "../../parts/ending";
import { FaultNote } from "../../parts/FaultNote";
import { Tally } from "../../parts/Tally";
import { words } from "../../parts/words";
import { Place } from "./Parts";

const say = words.bar;

/** Where the Organization's page was, while nothing can be recorded. */
export function Paused() {
  return (
    <div className="away">
      <PauseCircleIcon size={28} className="t3" />
      <h1>{say.pausedTitle}</h1>
      <p className="t2">{say.pausedText}</p>
    </div>
  );
}

/** Where the Organization's page was, once its process stopped. */
export function PageStopped({ onLoad }: { onLoad: () => void }) {
  return (
    <div className="away" role="alert" data-testid="page-stopped">
      <WarningCircleIcon size={28} className="t3" />
      <h1>{say.pageStoppedTitle}</h1>
      <p className="t2">{say.pageStoppedText}</p>
      <Button autoFocus icon={<ArrowClockwiseIcon size={16} />} onPress={onLoad} data-testid="load-again">
        {say.loadAgain}
      </Button>
    </div>
  );
}

/** The whole window, once the Organization's page is gone. */
export function Ended({ door }: { door: DoorView }) {
  const backend = useBackend();
  const { fault, run } = useAction();
  return (
    <div className="session-bar" data-testid="session-ended">
      <div className="sb">
        <Place door={door} />
      </div>
      <div className="tl" />
      <div className="away" role="alert">
        <Tally state="ended" size={26} label={false} />
        <h1>{door.endedFor ? say.endedFor(door.endedFor.name) : say.endedTitle}</h1>
        {door.endedFor ? (
          <p className="wrap-any" data-testid="ended-reason">
            {say.endedReason(door.endedFor.reason)}
          </p>
        ) : null}
        <p className="t2">{say.ended(saidEnd(door.endedBy))}</p>
        <p className="t3 s12">{say.endedNext}</p>
        <Button onPress={() => void run(() => backend.closeWindow())} data-testid="close-window">
          {say.closeWindow}
        </Button>
        <FaultNote fault={fault} />
      </div>
    </div>
  );
}
