import { BroadcastIcon, PlayIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useBackend, useLoaded } from "../../backend/context";
import type { SessionDetailView, SessionView } from "../../generated/bindings";
import { colours, countsOf, ticksOf } from "../../parts/activity";
import { Barcode } from "../../parts/Barcode";
import { Button } from "../../parts/Button";
import { saidEnd } from "../../parts/ending";
import { EndSession } from "../../parts/EndSessions";
import { FindingCount } from "../../parts/Finding";
import { FaultNote } from "../../parts/FaultNote";
import { duration, thousands } from "../../parts/format";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { PeekFindings } from "./PeekFindings";
import { spanOf } from "./spans";

const say = words.sessions;

function Proof({ detail }: { detail: SessionDetailView | null }) {
  if (!detail) return <dd className="t3">{say.checking}</dd>;
  if (!detail.proof.verified) return <dd className="red medium">{say.notProven}</dd>;
  return (
    <dd className="seal row gap-1">
      <Tally state="countersigned" size={13} label={false} />
      {say.proven(thousands(detail.proof.entry))}
    </dd>
  );
}

function Facts({ session, detail }: { session: SessionView; detail: SessionDetailView | null }) {
  return (
    <dl className="kv">
      <dt>{say.askedBy}</dt>
      <dd className="sign">{session.name}</dd>
      <dt>{say.countersignedBy}</dt>
      <dd className="sign">{session.approvers.join(", ")}</dd>
      <dt>{say.why}</dt>
      <dd>{detail?.request.justification ?? words.reason[session.reason] ?? session.reason}</dd>
      <dt>{say.ticket}</dt>
      <dd className="mono">{session.ticket}</dd>
      {session.endedAt !== null ? (
        <>
          <dt>{say.ended}</dt>
          <dd>{saidEnd(session.endedBy)}</dd>
        </>
      ) : null}
      {session.findings ? (
        <>
          <dt>{say.heads.findings}</dt>
          <dd>
            {session.findings.stop + session.findings.look + session.findings.note > 0 ? (
              <FindingCount counts={session.findings} />
            ) : (
              words.findings.none
            )}
          </dd>
        </>
      ) : null}
      <dt>{say.inLog}</dt>
      <Proof detail={detail} />
    </dl>
  );
}

/** One Session beside the list. */
export function Peek({ session, onReplay }: { session: SessionView; onReplay: () => void }) {
  const backend = useBackend();
  const now = useServerSeconds(10_000);
  const detail = useLoaded(() => backend.session(session.id), session.id, ["log"]);
  const [told, setTold] = useState("");
  const ticks = ticksOf(session.activity);
  return (
    <aside className="peek" data-testid="peek" data-pane="peek">
      <section>
        <div className="row">
          <b className="name">{session.organization.name}</b>
          <span className="mono s11 t3 push ell" title={session.id}>
            {session.id.slice(0, 10)}
          </span>
        </div>
        <div className="row gap-3">
          <Scope scope={session.scope} />
          <span className="t2">
            {session.name}, {duration(spanOf(session, now))}
          </span>
        </div>
        <div style={{ marginTop: 12 }}>
          <Barcode ticks={ticks} width={296} height={44} />
        </div>
        <div className="row s11 t3">
          <Time at={session.openedAt} as="seconds" />
          {session.endedAt ? <Time className="push" at={session.endedAt} as="seconds" /> : null}
        </div>
        <div className="legend s11 t2">
          {countsOf(ticks).map(([kind, count]) => (
            <span key={kind}>
              <i style={{ background: colours[kind] }} />
              {say.legend[kind]} {count}
            </span>
          ))}
        </div>
      </section>
      {session.expiredAt ? (
        <section data-testid="expired">
          <Time className="s12 t2" at={session.expiredAt} as="day" say={say.expired} />
        </section>
      ) : null}
      <section>
        <Facts session={session} detail={detail.value} />
      </section>
      <PeekFindings findings={detail.value?.findings ?? null} />
      {detail.fault ? (
        <section>
          <FaultNote fault={detail.fault} again={detail.reload} />
        </section>
      ) : null}
      {session.endedAt === null && detail.value ? (
        <section>
          {told ? (
            <p className="s12 t2" role="status" data-testid="told">
              {told}
            </p>
          ) : (
            <EndSession session={session} onDone={setTold} />
          )}
        </section>
      ) : null}
      <div className="foot">
        <Button
          look="primary"
          className="grow"
          icon={session.endedAt === null ? <BroadcastIcon size={16} /> : <PlayIcon size={16} />}
          shortcut="Enter"
          onPress={onReplay}
          data-testid="replay"
        >
          {session.endedAt === null ? words.watching.watch : say.replay}
        </Button>
      </div>
    </aside>
  );
}
