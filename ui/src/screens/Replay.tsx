import { ArrowsLeftRightIcon, BroadcastIcon, BrowserIcon, EyeSlashIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import { useEffect, useMemo, useState } from "react";
import { useBackend, useLoaded } from "../backend/context";
import { Controls, speeds } from "../features/replay/Controls";
import "../features/replay/replay.css";
import { Destroyed } from "../features/replay/Destroyed";
import { findingsAt, nextFinding } from "../features/replay/Findings";
import { ChosenMarks } from "../features/replay/Marked";
import { frameAt } from "../features/replay/frames";
import { Back, Head } from "../features/replay/Head";
import { Live, useLiveClock } from "../features/replay/Live";
import { RequestList } from "../features/replay/RequestList";
import { Side } from "../features/replay/Side";
import { Stage } from "../features/replay/Stage";
import { Timeline } from "../features/replay/Timeline";
import { current, indexOf } from "../features/replay/timeline";
import { useReplayClock } from "../features/replay/useClock";
import { type Opened, useOpened } from "../features/replay/useOpened";
import { MarkChoice } from "../features/replay/useMarks";
import { useWatched } from "../features/replay/useWatched";
import { type ToReview, useToReview } from "../features/replay/useToReview";
import type { RecordingView, SessionDetailView, UiError } from "../generated/bindings";
import { Boundary } from "../parts/Boundary";
import { CopyDetails } from "../parts/CopyDetails";
import { Empty, Skeleton } from "../parts/Empty";
import { Failed } from "../parts/Failed";
import { duration } from "../parts/format";
import { useKeys } from "../parts/keys";
import { Offline } from "../parts/Offline";
import { go } from "../parts/route";
import { Splitter, usePaneStyle } from "../parts/Splitter";
import { words } from "../parts/words";

const say = words.replay;

interface PlayerProps {
  detail: SessionDetailView;
  recording: RecordingView;
  opened: Opened;
  waiting: ToReview;
  changed: () => void;
}

function Player({ detail, recording, opened, waiting, changed }: PlayerProps) {
  const index = useMemo(() => indexOf(recording, detail.session.organization.id), [recording, detail.session.organization.id]);
  const { clock, following, follow } = useLiveClock(index, useReplayClock(index), recording.live);
  const [view, setView] = useState<"screen" | "requests">("screen");
  const [picked, setPicked] = useState<number | null>(null);
  const step = (by: number) => () => {
    const here = current(index.moments, clock.atMs);
    const next = index.moments[(here ? index.moments.indexOf(here) : -1) + by];
    if (next) clock.seek(next.atMs);
  };
  const find = (by: 1 | -1) => {
    const place = nextFinding(detail.findings, clock.atMs, by);
    if (place === null) return;
    clock.seek(place);
    for (const one of findingsAt(detail.findings, place)) opened.open(one.rule);
  };
  const frame = (by: 1 | -1) => () => {
    const place = frameAt(index, clock.atMs, by);
    if (place !== null) clock.stopAt(place);
  };
  const placed = opened.unread.find((one) => one.atMs !== null);
  const goToUnread = placed
    ? () => {
        clock.stopAt(placed.atMs ?? index.startMs);
        opened.open(placed.rule);
      }
    : null;
  useKeys({
    " ": clock.toggle,
    ArrowLeft: () => clock.seek(clock.atMs - 5000),
    ArrowRight: () => clock.seek(clock.atMs + 5000),
    "Shift ArrowLeft": step(-1),
    "Shift ArrowRight": step(1),
    n: () => find(1),
    p: () => find(-1),
    ",": frame(-1),
    ".": frame(1),
    i: () => clock.setSkip(!clock.skip),
    Escape: () => go("sessions"),
    ...Object.fromEntries(speeds.map((speed) => [String(speed), () => clock.setSpeed(speed)])),
  });
  return (
    <div className="split" style={usePaneStyle("side")}>
      <div className="col grow" data-pane="recording">
        <div className="strip">
          <button type="button" aria-pressed={view === "screen"} onClick={() => setView("screen")} data-testid="view-screen">
            <BrowserIcon size={16} />
            {say.screen}
          </button>
          <button type="button" aria-pressed={view === "requests"} onClick={() => setView("requests")} data-testid="view-requests">
            <ArrowsLeftRightIcon size={16} />
            {say.requests} <span className="t3">{recording.exchanges.length}</span>
          </button>
          <span className="s12 t3 reported" data-testid="reported">
            {view === "screen" ? say.reported : say.forwarded}
          </span>
          {recording.check === "incomplete" ? (
            <span className="tag rd push" title={recording.detail} data-testid="incomplete">
              {say.incomplete}
            </span>
          ) : null}
          <ChosenMarks />
          {recording.live ? <Live session={detail.session} following={following} follow={follow} /> : null}
          {recording.gaps.map((gap) => (
            <span key={gap.atMs} className="tag rd push">
              {say.missing(duration((gap.untilMs - gap.atMs) / 1000), gap.detail)}
            </span>
          ))}
        </div>
        {recording.check === "incomplete" ? (
          <div className="check s12" role="status">
            <WarningOctagonIcon size={16} className="red" />
            {recording.detail}
          </div>
        ) : null}
        {view === "screen" ? (
          <div className="stage">
            <Stage index={index} clock={clock} />
          </div>
        ) : (
          <RequestList
            exchanges={recording.exchanges}
            atMs={clock.atMs}
            picked={picked}
            onPick={(one) => {
              setPicked(one.number);
              clock.seek(one.atMs);
            }}
          />
        )}
        <div className="tlw">
          <Timeline index={index} clock={clock} findings={detail.findings} />
          <Controls index={index} clock={clock} findings={detail.findings} onFind={() => find(1)} />
        </div>
      </div>
      <Splitter pane="side" label={say.events} />
      <Side
        detail={detail}
        recording={recording}
        index={index}
        clock={clock}
        settled
        opened={opened}
        waiting={waiting}
        onUnread={goToUnread}
        changed={changed}
      />
    </div>
  );
}

function Mismatch({ id, detail }: { id: string; detail: string }) {
  return (
    <div className="mismatch" role="alert" data-testid="mismatch">
      <WarningOctagonIcon size={20} className="red" />
      <b className="red">{say.notInLog}</b>
      <span className="t2 s12">{detail}</span>
      <span className="s12">{say.callSecurity}</span>
      <CopyDetails fault={{ code: "does-not-match", message: say.notInLog, next: say.ofSession(detail, id) }} />
    </div>
  );
}

/** What only failed to load may come yet: nobody signs that they looked at it before. */
const willNotCome = (fault: UiError) => fault.code === "recording-too-large";

/** Judges a Session quickly and fairly. */
export function Replay({ id }: { id: string }) {
  const backend = useBackend();
  const detail = useLoaded(() => backend.session(id), `session ${id}`, ["log"]);
  const opened = useOpened(detail.value?.findings ?? null);
  const waiting = useToReview(id);
  const verified = detail.value?.proof.verified ?? false;
  const runs = verified && detail.value?.session.endedAt === null;
  const watched = useWatched(id, runs);
  const sealed = useLoaded(
    () => (verified && !runs ? backend.recording(id) : Promise.resolve(null)),
    `recording ${id} ${verified} ${runs}`,
  );
  const recording = runs ? { value: watched.untold ? null : watched.recording, fault: watched.fault, reload: watched.again } : sealed;
  const { reload } = detail;
  useEffect(() => {
    if (watched.over) reload();
  }, [watched.over, reload]);
  // What was sealed stands over what the log says of it: a recording that does not match is not proven.
  const altered = recording.value?.check === "does-not-match" ? recording.value.detail : null;
  const shown =
    detail.value && altered !== null
      ? { ...detail.value, proof: { ...detail.value.proof, verified: false, detail: altered } }
      : detail.value;
  if (!shown)
    return (
      <>
        <header className="head rule">
          <Back />
          <h1>{words.sessions.replay}</h1>
        </header>
        <Offline />
        <div className="sec">
          {detail.fault ? <Failed fault={detail.fault} again={detail.reload} /> : <Skeleton rows={8} label={say.opening} />}
        </div>
      </>
    );
  return (
    <>
      <Head detail={shown} waiting={waiting} />
      {recording.value && recording.value.check !== "destroyed" && shown.proof.verified ? (
        <Boundary
          at={id}
          around={(note) => (
            <div className="split">
              <div className="stage grow">{note}</div>
              <Side
                detail={shown}
                recording={null}
                index={null}
                clock={null}
                settled
                opened={opened}
                waiting={waiting}
                onUnread={null}
                changed={detail.reload}
              />
            </div>
          )}
        >
          <MarkChoice recording={recording.value}>
            <Player detail={shown} recording={recording.value} opened={opened} waiting={waiting} changed={detail.reload} />
          </MarkChoice>
        </Boundary>
      ) : (
        <div className="split">
          <div className="stage grow">
            {!shown.proof.verified ? (
              <Mismatch id={id} detail={shown.proof.detail} />
            ) : recording.value ? (
              <Destroyed at={shown.session.expiredAt ?? shown.session.endsAt} />
            ) : recording.fault && willNotCome(recording.fault) ? (
              <Empty icon={<EyeSlashIcon size={20} />} title={recording.fault.message} note={recording.fault.next} />
            ) : recording.fault ? (
              <Failed fault={recording.fault} again={recording.reload} />
            ) : runs ? (
              <Empty icon={<BroadcastIcon size={20} />} title={words.watching.untold} />
            ) : (
              <Skeleton rows={6} label={say.opening} />
            )}
          </div>
          <Side
            detail={shown}
            recording={null}
            index={null}
            clock={null}
            opened={opened}
            waiting={waiting}
            onUnread={null}
            settled={!shown.proof.verified || (recording.fault !== null && willNotCome(recording.fault))}
            changed={detail.reload}
          />
        </div>
      )}
    </>
  );
}
