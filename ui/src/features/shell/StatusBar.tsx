import { FingerprintIcon, PlugsConnectedIcon, PlugsIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import { useServerSeconds } from "../../backend/clock";
import { useAppState } from "../../backend/state";
import { ago, thousands } from "../../parts/format";
import { Tally } from "../../parts/Tally";
import { useOtherTimes, useTimes, ZoneSaid } from "../../parts/Time";
import { words } from "../../parts/words";
import "./shell.css";

function Audit() {
  const { status } = useAppState();
  if (status.audit === "connected") {
    return (
      <span>
        <PlugsConnectedIcon size={13} className="seal" />
        {words.status.connected}
      </span>
    );
  }
  return (
    <span className={status.audit === "unreachable" ? "red medium" : ""} data-testid="status-audit">
      <PlugsIcon size={13} />
      {status.audit === "unreachable" ? words.status.unreachable : words.status.unknown}
    </span>
  );
}

function Log({ now }: { now: number }) {
  const { log } = useAppState().status;
  const others = useOtherTimes();
  const text =
    log.verdict === "broken"
      ? words.status.broken
      : log.verdict === "waiting" || log.checkedAt === null
        ? words.status.waiting
        : words.status.intact(thousands(log.size), ago(now - log.checkedAt));
  return (
    <a
      href="#/log"
      title={log.checkedAt === null ? undefined : others.whole(log.checkedAt)}
      className={`nb ${log.verdict === "waiting" ? "amber" : ""}`}
      data-testid="status-log"
      data-verdict={log.verdict}
    >
      {log.verdict === "broken" ? (
        <WarningOctagonIcon size={13} />
      ) : (
        <Tally state={log.verdict === "intact" ? "countersigned" : "expired"} size={13} label={false} />
      )}
      {text}
    </a>
  );
}

/** Trust in one line, always visible. */
export function StatusBar() {
  const { status, device } = useAppState();
  const now = useServerSeconds();
  const [times, others] = [useTimes(), useOtherTimes()];
  return (
    <footer className={`status${status.log.verdict === "broken" ? " broken" : ""}`} aria-label={words.status.label} data-pane="status">
      <Audit />
      <Log now={now} />
      <span className="sp" />
      {status.sessionsRecording > 0 ? <span className="rec">{words.status.recording(status.sessionsRecording)}</span> : null}
      {device ? (
        <span className="dev" title={`${words.status.device(device.name, device.keptIn)}, ${device.key}`}>
          <FingerprintIcon size={13} />
          <span className="ell">{words.status.device(device.name, device.keptIn)}</span>
        </span>
      ) : null}
      <span className="mono num" title={others.whole(now)} data-testid="clock">
        {times.clockSeconds(now)}
        <ZoneSaid />
      </span>
    </footer>
  );
}
