import { CheckIcon, WarningIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import type { RequestView, SignalView } from "../../generated/bindings";
import { Skeleton } from "../../parts/Empty";
import { Indenture } from "../../parts/Indenture";
import { words } from "../../parts/words";
import { Facts } from "./Facts";
import { Fate } from "./Fate";
import { count, worstFirst } from "./signals";

const say = words.approvals;
const looks = { stop: [WarningOctagonIcon, "red"], look: [WarningIcon, "amber"], fits: [CheckIcon, "seal"] } as const;

function Signal({ signal }: { signal: SignalView }) {
  const [Icon, tone] = looks[signal.verdict as keyof typeof looks] ?? looks.look;
  return (
    <li className="sig">
      <Icon size={16} className={tone} />
      <div>
        <div className="medium">{signal.title}</div>
        <div className="d">{signal.detail}</div>
      </div>
      <span className={`s11 medium ${tone}`}>{say.verdict[signal.verdict] ?? signal.verdict}</span>
    </li>
  );
}

function Signals({ signals }: { signals: SignalView[] }) {
  return (
    <section>
      <div className="row">
        <h2>{say.before}</h2>
        <span className="s12 t3 push">{say.tally(count(signals, "stop"), count(signals, "look"), count(signals, "fits"))}</span>
      </div>
      <ul>
        {worstFirst(signals).map((signal) => (
          <Signal key={signal.title} signal={signal} />
        ))}
      </ul>
    </section>
  );
}

function Before({ request, loaded, failed }: Omit<Props, "viewer" | "person">) {
  if (loaded) return request.signals.length > 0 ? <Signals signals={request.signals} /> : null;
  return failed ? <p className="s12 t2">{say.unknown}</p> : <Skeleton rows={3} label={say.looking} />;
}

interface Props {
  request: RequestView;
  /** It was looked up itself, with what came before it; a list says less. */
  loaded: boolean;
  failed: boolean;
  viewer: string;
  /** Whoever looks, by id. */
  person: string;
}

/** Everything that the second signature covers. */
export function Detail({ request, loaded, failed, viewer, person }: Props) {
  return (
    <div className="det scroll" data-testid="detail">
      <div className="row gap-3">
        <h1>{request.organization.name}</h1>
        <span className="id">{request.organization.id}</span>
        <span className="mono t3 push" title={request.id}>
          {request.id.slice(0, 12)}
        </span>
      </div>
      <Facts request={request} />
      <blockquote>{request.justification}</blockquote>
      <p className="s12 t2 until" role="status" data-testid="fate">
        <Fate request={request} viewer={person} />
      </p>
      <Indenture id={request.id} left={request.left} right={request.right} viewer={request.decidable ? viewer : undefined} />
      <Before request={request} loaded={loaded} failed={failed} />
    </div>
  );
}
