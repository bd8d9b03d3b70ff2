import { Button } from "../../parts/Button";
import { duration } from "../../parts/format";
import { words } from "../../parts/words";

const say = words.bar;

interface EndingProps {
  busy: boolean;
  onEnd: () => void;
  onKeep: () => void;
}

/** Asked before a Session ends from its bar. */
export function Ending({ busy, onEnd, onKeep }: EndingProps) {
  return (
    <div className="note rd" role="alertdialog" aria-label={say.sure} data-testid="ending">
      <span className="grow">{say.sure}</span>
      <Button size="sm" look="stop" onPress={onEnd} busy={busy} data-testid="confirm-end">
        {say.end}
      </Button>
      <Button size="sm" onPress={onKeep} autoFocus>
        {say.keep}
      </Button>
    </div>
  );
}

interface ClosingProps extends EndingProps {
  left: number;
  onStay: () => void;
}

/** Asked when the window is closed while its Session is open. */
export function Closing({ left, busy, onEnd, onKeep, onStay }: ClosingProps) {
  return (
    <div className="note am" role="alertdialog" aria-label={say.closing(duration(left))} data-testid="closing">
      <span className="grow">
        <b>{say.closing(duration(left))}</b> {say.closingNote}
      </span>
      <Button size="sm" look="danger" onPress={onEnd} busy={busy} data-testid="close-end">
        {say.end}
      </Button>
      <Button size="sm" onPress={onKeep} isDisabled={busy} autoFocus data-testid="close-keep">
        {say.keepRunning}
      </Button>
      <Button size="sm" look="quiet" onPress={onStay}>
        {say.stay}
      </Button>
    </div>
  );
}

/** The time is running out. Nothing is spoken here: the countdown beside it says each of these minutes, once. */
export function Warning({ minutes, onDismiss, onExtend }: { minutes: number; onDismiss: () => void; onExtend?: () => void }) {
  return (
    <div className="note am" data-testid="warning">
      <span className="grow">
        <b className="amber">{say.minutes(minutes)}.</b> {minutes > 5 ? say.minutesLater : say.minutesNote}
      </span>
      {onExtend ? (
        <Button size="sm" onPress={onExtend} data-testid="warning-extend">
          {words.more.title}
        </Button>
      ) : null}
      <Button size="sm" look="quiet" onPress={onDismiss}>
        {say.dismiss}
      </Button>
    </div>
  );
}
