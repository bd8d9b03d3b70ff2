import { WarningOctagonIcon } from "@phosphor-icons/react";
import type { SessionDetailView } from "../../generated/bindings";
import { duration, thousands } from "../../parts/format";
import { Indenture } from "../../parts/Indenture";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { words } from "../../parts/words";

const say = words.replay;

function Proof({ detail }: { detail: SessionDetailView }) {
  const { proof } = detail;
  if (!proof.verified) {
    return (
      <div className="proof red" role="alert" data-testid="proof" data-verified="false">
        <WarningOctagonIcon size={16} />
        <div>
          <b>{say.notInLog}</b>
          <div className="s12">{proof.detail}</div>
        </div>
      </div>
    );
  }
  return (
    <div className="proof" data-testid="proof" data-verified="true" title={say.steps(proof.steps, thousands(proof.checkpoint))}>
      <Tally state="countersigned" size={18} label={false} />
      <div>
        <b className="seal">{say.unaltered}</b>
        <div className="s12 t2">{say.entry(thousands(proof.entry), thousands(proof.checkpoint))}</div>
      </div>
    </div>
  );
}

/** What was asked, who signed it, and the proof that it is in the log. */
export function Evidence({ detail }: { detail: SessionDetailView }) {
  const { request } = detail;
  return (
    <section className="req">
      <div className="row gap-2">
        <span className="mono t3">{request.ticket}</span>
        <span className="push">
          <Scope scope={request.scope} />
        </span>
        <span className="t2 s12">{duration(request.durationSeconds)}</span>
      </div>
      <p className="s12 t2">“{request.justification}”</p>
      <Indenture id={request.id} left={request.left} right={request.right} compact />
      <Proof detail={detail} />
    </section>
  );
}
