import { ArrowSquareInIcon, ArrowSquareOutIcon } from "@phosphor-icons/react";
import { useServerSeconds } from "../../backend/clock";
import { useAppState } from "../../backend/state";
import type { DoorView, RequestView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Countdown, urgencyOf } from "../../parts/Countdown";
import { cutOf, edgeBytes, pathOf } from "../../parts/cut";
import { duration } from "../../parts/format";
import { MoreTime } from "../../parts/MoreTime";
import { useOfflineWhy } from "../../parts/Offline";
import { isPending } from "../../parts/offers";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import "./grants.css";
import { askedIn, endOf, lastsFor } from "./order";

function Signatures({ request }: { request: RequestView }) {
  return (
    <div className="sg">
      {[request.left, ...request.right].map((signature, at) => (
        <span key={signature.person + at} className="one">
          {at > 0 ? (
            <svg width="10" height="16" viewBox="0 0 10 16" aria-hidden="true">
              <path d={pathOf(cutOf(edgeBytes(request.id), 10, 16))} style={{ fill: "none", stroke: "var(--seal)", strokeWidth: 1.4 }} />
            </svg>
          ) : null}
          <span className="sign ell" title={signature.name}>
            {signature.name}
          </span>
          <Time at={signature.at} as="short" />
        </span>
      ))}
    </div>
  );
}

function Left({ request, total }: { request: RequestView; total: number }) {
  const now = useServerSeconds();
  if (request.state === "approved") {
    return (
      <div className="cd">
        {duration(request.durationSeconds)}
        <small className="below">
          {words.access.fromOpening} <Time className="nw" at={request.until} as="short" say={words.access.openBy} />
        </small>
      </div>
    );
  }
  const left = Math.max(0, endOf(request) - now);
  return (
    <div>
      <div className="cd">
        <Countdown endsAt={endOf(request)} speak={request.organization.name} /> <small>{words.access.left(duration(total))}</small>
      </div>
      <div className={`bar ${urgencyOf(left)}`}>
        <i style={{ width: `${Math.min(100, (left / total) * 100)}%` }} />
      </div>
    </div>
  );
}

interface Props {
  request: RequestView;
  /** What asks or asked for more time in it. */
  more: RequestView[];
  /** Where it is open in this app. */
  door: DoorView | null;
  /** Whether more time is being asked for. */
  asking: boolean;
  /** Audit service and gateway answer. */
  works: boolean;
  busy: boolean;
  /** What is under way is about this one. */
  going: boolean;
  onOpen: () => void;
  onReturn: () => void;
  onExtend: (asking: boolean) => void;
  onEnd: () => void;
  onWithdraw: (id: string) => void;
}

/** One Organization that is open, or that can be opened. */
export function Grant({ request, more, door, asking, works, busy, going, onOpen, onReturn, onExtend, onEnd, onWithdraw }: Props) {
  const { policy } = useAppState();
  const offline = useOfflineWhy();
  const inside = request.state === "open";
  const asked = askedIn(door, more, onWithdraw);
  const pending = asked.some((one) => isPending(one.more));
  const id = request.organization.id;
  return (
    <li className="grant" data-testid={`row-${request.id}`} data-organization={id} data-state={request.state}>
      <div>
        <div className="org">
          <Tally state="countersigned" size={18} />
          <span className="ell" title={request.organization.name}>
            {request.organization.name}
          </span>
          {inside ? <span className="rec s12">{words.access.inSession}</span> : null}
        </div>
        <div className="meta">
          <Scope scope={request.scope} />
          <span className="mono">{request.ticket}</span>
          <span className="ell" title={request.justification}>
            {request.justification}
          </span>
        </div>
        <Signatures request={request} />
      </div>
      <Left request={request} total={lastsFor(request, more)} />
      <div className="acts">
        {inside ? (
          <Button
            icon={<ArrowSquareInIcon size={16} />}
            onPress={onReturn}
            busy={going}
            isDisabled={busy || !(request.openHere || works)}
            data-testid="return-session"
          >
            {words.access.returnTo}
          </Button>
        ) : (
          <Button
            look="primary"
            icon={<ArrowSquareOutIcon size={16} />}
            onPress={onOpen}
            busy={going}
            isDisabled={busy}
            why={works ? undefined : words.access.shut}
            data-testid="open-session"
          >
            {words.access.openSession}
          </Button>
        )}
        {inside ? null : (
          <Button size="sm" onPress={onEnd} isDisabled={busy} data-testid="withdraw-grant">
            {words.access.withdraw}
          </Button>
        )}
        {inside ? (
          <div className="pair">
            <Button
              size="sm"
              onPress={() => onExtend(!asking)}
              isDisabled={pending}
              why={pending ? undefined : (offline ?? (door ? undefined : words.more.returnFirst))}
              aria-expanded={asking}
              data-testid="extend-session"
            >
              {words.more.extend}
            </Button>
            <Button size="sm" onPress={onEnd} data-testid="end-session">
              {words.access.end}
            </Button>
          </div>
        ) : null}
      </div>
      {inside ? <MoreTime door={door} policy={policy} asking={asking && !pending} asked={asked} onClose={() => onExtend(false)} /> : null}
    </li>
  );
}
