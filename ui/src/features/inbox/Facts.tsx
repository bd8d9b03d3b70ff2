import { ClockClockwiseIcon } from "@phosphor-icons/react";
import type { ExtendsView, RequestView } from "../../generated/bindings";
import { exactly } from "../../parts/format";
import { Scope } from "../../parts/Scope";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.approvals;
const { more } = words;

/** Of which Session, since when, what is added, and what it comes to. */
function Extension({ request, extends: of }: { request: RequestView; extends: ExtendsView }) {
  const end = of.openedAt + request.durationSeconds;
  return (
    <section className="extension" data-testid="extension" aria-label={more.badge}>
      <p className="medium row gap-2">
        <ClockClockwiseIcon size={16} />
        {more.sheet}
      </p>
      <div className="facts panel">
        <div>
          <div className="l">{more.session}</div>
          <span className="mono" title={of.session}>
            {of.session.slice(0, 12)}
          </span>
        </div>
        <div>
          <div className="l">{more.since}</div>
          <Time at={of.openedAt} as="clock" />
          <div className="s11 t3">
            <Time at={of.endsAt} as="clock" say={more.endsNow} />
          </div>
        </div>
        <div>
          <div className="l">{more.added}</div>
          <b data-testid="added">{exactly(of.moreSeconds)}</b>
          <div className="s11 t3">
            <Time at={end} as="clock" say={more.until} />
          </div>
        </div>
        <div>
          <div className="l">{more.total}</div>
          <b>{exactly(request.durationSeconds)}</b>
          <div className="s11 t3">{more.fromOpening}</div>
        </div>
      </div>
    </section>
  );
}

/** What is asked for. */
export function Facts({ request }: { request: RequestView }) {
  return (
    <>
      {request.extends ? <Extension request={request} extends={request.extends} /> : null}
      <div className="facts panel">
        <div>
          <div className="l">{say.scope}</div>
          <Scope scope={request.scope} />
        </div>
        {request.extends ? null : (
          <div>
            <div className="l">{say.duration}</div>
            {say.fromOpening(exactly(request.durationSeconds))}
          </div>
        )}
        <div>
          <div className="l">{say.reason}</div>
          {words.reason[request.reason] ?? request.reason}
        </div>
        <div>
          <div className="l">{say.ticket}</div>
          <span className="mono">{request.ticket}</span>
        </div>
      </div>
    </>
  );
}
