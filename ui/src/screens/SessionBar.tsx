import { ClockClockwiseIcon, SignOutIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import { useEffect, useState } from "react";
import { faultOf } from "../backend/backend";
import { ClockOffset, useServerSeconds } from "../backend/clock";
import { useAction, useAsked, useBackend, useLoaded } from "../backend/context";
import { Address, Place, Recording, TimeLeft, Watchers } from "../features/bar/Parts";
import { Closing, Ending, Warning } from "../features/bar/Questions";
import { Ended, PageStopped, Paused } from "../features/bar/Away";
import { useFit } from "../features/bar/fit";
import { warningOf } from "../features/bar/warnings";
import { showTheme } from "../features/shell/theme";
import type { AppState, DoorView, Move, UiError } from "../generated/bindings";
import { Button } from "../parts/Button";
import { urgencyOf } from "../parts/Countdown";
import { FaultNote } from "../parts/FaultNote";
import { useCommandKeys } from "../parts/keys";
import { MoreTime } from "../parts/MoreTime";
import { isPending } from "../parts/offers";
import { OpenedAgain } from "../parts/OpenedAgain";
import { scopeLevel } from "../parts/Scope";
import { words } from "../parts/words";

const say = words.bar;
const LOOK_MS = 1000;
type Question = "end" | "close" | "more" | null;
type Policy = AppState["policy"];

interface NotesProps {
  door: DoorView;
  policy: Policy | null;
  question: Question;
  put: (question: Question) => void;
  /** Ends, closes and puts away: one at a time. */
  action: ReturnType<typeof useAction>;
  /** Why the page did not move. */
  moved: UiError | null;
}

/** What the bar has to say beyond its first row; it grows by as much. */
function Notes({ door, policy, question, put, action, moved }: NotesProps) {
  const backend = useBackend();
  const left = door.endsAt - useServerSeconds();
  const { busy, fault, run, clear } = action;
  const [dismissed, setDismissed] = useState<number | null>(null);
  const warning = warningOf(left, door.endsAt - door.openedAt, dismissed);
  const pending = isPending(door.more);
  const end = () => run(() => backend.endSession(door.request));
  const endAndClose = () =>
    run(async () => {
      await backend.endSession(door.request);
      await backend.closeWindow();
    });
  const putAway = () =>
    run(async () => {
      put(null);
      await backend.putAway();
    });
  return (
    <>
      <Watchers door={door} />
      <OpenedAgain text={words.again.bar} />
      {question === "end" ? <Ending busy={busy} onEnd={() => void end()} onKeep={() => put(null)} /> : null}
      {question === "close" ? (
        <Closing left={left} busy={busy} onEnd={() => void endAndClose()} onKeep={() => void putAway()} onStay={() => put(null)} />
      ) : null}
      {door.paused ? (
        <div className="note rd" role="alert" data-testid="paused">
          <WarningOctagonIcon size={16} className="red" />
          <span>
            <b className="red">{say.stopped}</b> {say.stoppedNote}
          </span>
        </div>
      ) : null}
      <MoreTime
        door={door}
        policy={policy}
        asking={question === "more" && !pending}
        asked={door.more ? [{ more: door.more }] : []}
        onClose={() => put(null)}
      />
      {warning !== null && !door.paused ? (
        <Warning
          minutes={warning}
          onDismiss={() => setDismissed(warning)}
          onExtend={pending || question === "more" ? undefined : () => put("more")}
        />
      ) : null}
      {fault || moved ? (
        <div className="note-fault">
          <FaultNote fault={fault} again={clear} />
          <FaultNote fault={moved} />
        </div>
      ) : null}
    </>
  );
}

function Bar({ door, policy }: { door: DoorView; policy: Policy | null }) {
  const backend = useBackend();
  const now = useServerSeconds();
  const [question, put] = useState<Question>(null);
  const left = Math.max(0, door.endsAt - now);
  const frame = useFit();
  const action = useAction();
  const [moved, setMoved] = useState<UiError | null>(null);
  const move = (to: Move) =>
    void backend.moveSession(door.session, to).then(
      () => setMoved(null),
      (thrown) => setMoved(faultOf(thrown)),
    );
  useAsked((asked) => asked.kind === "close" && asked.session === door.session && put("close"));
  const pending = isPending(door.more);
  const extend = () => pending || put("more");
  useCommandKeys({ End: () => put("end"), "Shift e": extend });
  const end = () => (question === "end" ? void action.run(() => backend.endSession(door.request)) : put("end"));
  return (
    <div className="session-bar" data-testid="session-bar">
      <div ref={frame}>
        <div className="sb">
          <Place door={door} />
          <Address door={door} onMove={move} />
          <Recording door={door} />
          <TimeLeft door={door} />
          <Button
            icon={<ClockClockwiseIcon size={16} />}
            onPress={extend}
            isDisabled={pending || !policy}
            aria-label={words.more.extend}
            aria-keyshortcuts="Control+Shift+E"
            data-testid="extend-session"
          >
            <span className="wide">{words.more.extend}</span>
          </Button>
          <Button look={question === "end" ? "stop" : "danger"} icon={<SignOutIcon size={16} />} onPress={end} data-testid="end-session">
            {say.end}
          </Button>
        </div>
        <Notes door={door} policy={policy} question={question} put={put} action={action} moved={moved} />
        <div className={`tl ${urgencyOf(left)}`}>
          <svg width="100%" height="3" aria-hidden="true">
            <rect width={`${Math.min(100, (left / Math.max(1, door.endsAt - door.openedAt)) * 100)}%`} height="3" />
          </svg>
        </div>
        <div className={`edge l${scopeLevel(door.scope)}`} title={words.scope[door.scope]} />
      </div>
      {door.paused ? <Paused /> : door.pageStopped ? <PageStopped onLoad={() => move("reload")} /> : null}
    </div>
  );
}

/** The bar above the Organization's page; the whole window once that page is gone. */
export function SessionBar({ session }: { session: string | null }) {
  const backend = useBackend();
  const doors = useLoaded(() => backend.doors(), "doors", ["door"]);
  const state = useLoaded(() => backend.state(), "state", ["state"]);
  const { reload } = doors;
  useAsked((asked) => asked.kind === "theme" && showTheme(asked.theme));
  useEffect(() => {
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const door = doors.value?.find((one) => one.session === session) ?? (session ? undefined : doors.value?.[0]);
  if (!doors.value) return <div className="session-bar" />;
  if (!door) return <div className="session-bar s12 t3 pad-bar">{say.none}</div>;
  return (
    <ClockOffset value={state.value?.clockOffsetMs ?? 0}>
      {door.endedBy ? <Ended door={door} /> : <Bar door={door} policy={state.value?.policy ?? null} />}
    </ClockOffset>
  );
}
