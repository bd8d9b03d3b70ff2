import { ArrowsClockwiseIcon } from "@phosphor-icons/react";
import { useAction, useBackend } from "../backend/context";
import { useAppState } from "../backend/state";
import { Aside } from "../features/log/Aside";
import { Checkpoints } from "../features/log/Checkpoints";
import { Entries } from "../features/log/Entries";
import "../features/sessions/sessions.css";
import { TwoSeals } from "../features/log/TwoSeals";
import { Checks, Verdict } from "../features/log/Verdict";
import { Witnesses } from "../features/log/Witnesses";
import { Button } from "../parts/Button";
import { FaultNote } from "../parts/FaultNote";
import { Offline } from "../parts/Offline";
import { words } from "../parts/words";
import { ZoneSwitch } from "../parts/ZoneSwitch";

const say = words.log;

const tabs: [string, string, string][] = [
  ["", "log", say.tabs.verdict],
  ["entries", "log/entries", say.tabs.entries],
  ["checkpoints", "log/checkpoints", say.tabs.checkpoints],
];

function Verdicts() {
  const { log } = useAppState().status;
  return (
    <div className="au">
      <div className="lf scroll" data-pane="verdict">
        <Verdict log={log} />
        {log.verdict === "intact" ? <Checks log={log} /> : null}
        {log.contradiction ? <TwoSeals kept={log.checkpoints[0] ?? null} found={log.contradiction} /> : null}
        {log.verdict === "broken" ? null : (
          <>
            <div className="tracks-head">
              <h2>{say.witnesses.title}</h2>
              <span className="t3 s12">{log.verdict === "waiting" ? say.witnesses.waiting : say.witnesses.note}</span>
            </div>
            <Witnesses log={log} />
          </>
        )}
        <h2 className="rem">{say.remembers}</h2>
        <Checkpoints checkpoints={log.checkpoints} />
      </div>
      <Aside log={log} />
    </div>
  );
}

/** Can I believe this? */
export function AuditLog({ tab }: { tab: string }) {
  const backend = useBackend();
  const { log } = useAppState().status;
  const { busy, fault, run } = useAction();
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
        <nav className="log-tabs" aria-label={say.title}>
          {tabs.map(([id, path, name]) => (
            <a key={id} href={`#/${path}`} aria-current={tab === id ? "page" : undefined} data-testid={`tab-${id || "verdict"}`}>
              {name}
            </a>
          ))}
        </nav>
        <span className="push" />
        <ZoneSwitch />
        <Button
          size="sm"
          icon={<ArrowsClockwiseIcon size={14} />}
          busy={busy}
          onPress={() => void run(() => backend.checkLog())}
          data-testid="check-log"
        >
          {say.check}
        </Button>
      </header>
      <Offline />
      <FaultNote fault={fault} />
      {tab === "entries" ? (
        <Entries />
      ) : tab === "checkpoints" ? (
        <div className="grow scroll sec">
          <Checkpoints checkpoints={log.checkpoints} all />
        </div>
      ) : (
        <Verdicts />
      )}
    </>
  );
}
