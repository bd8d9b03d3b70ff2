import { CheckIcon, ClockIcon, SealCheckIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import type { ReactNode } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAppState } from "../../backend/state";
import type { LogView } from "../../generated/bindings";
import { CopyDetails } from "../../parts/CopyDetails";
import { ago, duration, thousands } from "../../parts/format";
import { Seal } from "../../parts/Seal";
import { useOtherTimes } from "../../parts/Time";
import { words } from "../../parts/words";
import { reach } from "./reach";
import "./log.css";

const say = words.log;
const DAY = 86_400;
const tones = { intact: "seal", waiting: "amber", broken: "red" } as const;
const icons = { intact: SealCheckIcon, waiting: ClockIcon, broken: WarningOctagonIcon };

function sentence(log: LogView, since: number | null): string {
  if (log.verdict === "intact") return say.intactText(thousands(log.size), reach(log).witnesses > 0);
  if (log.verdict === "broken") return [log.detail, say.brokenText].filter(Boolean).join(" ");
  if (since !== null && since > DAY) return say.waitingDay;
  return say.waitingText(since === null ? say.never : say.forTime(duration(since)));
}

/** One of three headlines, and one honest sentence. */
export function Verdict({ log }: { log: LogView }) {
  const now = useServerSeconds();
  const since = log.checkedAt === null ? null : now - log.checkedAt;
  const others = useOtherTimes();
  const Icon = icons[log.verdict];
  return (
    <div
      className={`ver ${log.verdict}`}
      role={log.verdict === "broken" ? "alert" : undefined}
      data-testid="verdict"
      data-verdict={log.verdict}
    >
      <Seal root={log.root || "nothing"} size={148} tone={tones[log.verdict]} />
      <div>
        <div className={`row gap-2 medium ${tones[log.verdict]}`}>
          <Icon size={18} />
          {since === null ? say.waiting : <span title={others.whole(log.checkedAt ?? 0)}>{say.checked(ago(since))}</span>}
        </div>
        <h2>{say[log.verdict]}</h2>
        <p className="t2">{sentence(log, since)}</p>
        {log.verdict === "broken" && !log.contradiction ? (
          <CopyDetails fault={{ code: "log-does-not-match", message: say.broken, next: log.detail }} />
        ) : null}
      </div>
    </div>
  );
}

function Check({ met, title, children }: { met: boolean; title: string; children: ReactNode }) {
  const Icon = met ? CheckIcon : ClockIcon;
  return (
    <div className="ck">
      <Icon size={16} className={met ? "seal" : "amber"} />
      <div>
        <b>{title}</b>
        <div className="d">{children}</div>
      </div>
    </div>
  );
}

/** Entries that nobody else has confirmed are not covered by anybody else. */
function SeenByOthers({ log }: { log: LogView }) {
  const { witnesses, unseen } = reach(log);
  if (witnesses === 0)
    return (
      <Check met={false} title={say.seen}>
        {say.seenText}
      </Check>
    );
  return (
    <Check met={unseen === 0} title={unseen === 0 ? say.seenAll : say.seenNewest(thousands(unseen))}>
      {unseen === 0 ? say.seenAllText(witnesses) : say.seenNewestText(witnesses)}
    </Check>
  );
}

/** What was checked, in sentences. Nothing is claimed that this computer did not verify. */
export function Checks({ log }: { log: LogView }) {
  const { logKey } = useAppState();
  const key = say.keyText(logKey.split("+").slice(0, 2).join("+"));
  return (
    <div className="chk">
      <Check met title={say.removed}>
        {say.removedText(log.checkpoints.length)}
      </Check>
      <Check met title={say.key}>
        {key.before}
        <span className="mono">{key.key}</span>
        {key.after}
      </Check>
      <Check met title={say.own}>
        {say.ownText}
      </Check>
      <SeenByOthers log={log} />
    </div>
  );
}
