import { useState } from "react";
import type { RequestView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { duration, exactly } from "../../parts/format";
import { go } from "../../parts/route";
import { Scope } from "../../parts/Scope";
import { Tally, tallyOf } from "../../parts/Tally";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { addedTo, ending, lastsFor } from "./order";

const { access } = words;

/** Where all of a request stands, for good: what was signed, by whom, and what became of it. */
const pageOf = (request: RequestView) => `#/approvals/${encodeURIComponent(request.id)}`;

/** Requests that nobody has answered yet. */
export function Waiting({ requests, busy, onWithdraw }: { requests: RequestView[]; busy: boolean; onWithdraw: (id: string) => void }) {
  const [acting, setActing] = useState("");
  const withdraw = (id: string) => {
    setActing(id);
    onWithdraw(id);
  };
  return (
    <ul className="panel">
      {requests.map((request) => (
        <li
          key={request.id}
          className="waiting"
          data-testid={`row-${request.id}`}
          data-organization={request.organization.id}
          data-state={request.state}
        >
          <Tally state="waiting" size={18} />
          <div>
            <div className="row gap-3">
              <b className="ell">
                <a className="page" href={pageOf(request)} title={request.organization.name}>
                  {request.organization.name}
                </a>
              </b>
              <Scope scope={request.scope} />
              <span className="t2">
                {request.extends ? words.more.short(exactly(request.extends.moreSeconds)) : duration(request.durationSeconds)}
              </span>
              <span className="mono t2">{request.ticket}</span>
            </div>
            <div className="s12 t2">
              <Time at={request.left.at} as="ago" say={access.signed} /> <Time at={request.until} as="short" say={access.waits} />
            </div>
          </div>
          <Button
            look="quiet"
            size="sm"
            busy={busy && acting === request.id}
            isDisabled={busy}
            onPress={() => withdraw(request.id)}
            data-testid="withdraw"
          >
            {access.withdraw}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function again(request: RequestView) {
  const query = new URLSearchParams({
    organization: request.organization.id,
    ticket: request.ticket,
    reason: request.reason,
    scope: request.scope,
    justification: request.justification,
    duration: String(request.durationSeconds),
  });
  go(`request?${query}`);
}

/** Whatever became of the others. A request never disappears. */
export function Recent({ requests, more }: { requests: RequestView[]; more: Map<string, RequestView[]> }) {
  const { heads } = access;
  const ended = (request: RequestView) => {
    const added = addedTo(more.get(request.id) ?? []);
    return added > 0 ? `${ending(request)}. ${words.more.wasAdded(exactly(added))}` : ending(request);
  };
  if (requests.length === 0) return <p className="t3 s12">{access.recentNone}</p>;
  return (
    <table className="recent">
      <thead>
        <tr>
          <th>
            <span className="unseen">{words.sessions.heads.state}</span>
          </th>
          <th>{heads.when}</th>
          <th>{heads.organization}</th>
          <th>{heads.scope}</th>
          <th>{heads.ticket}</th>
          <th className="r">{heads.length}</th>
          <th>{heads.ended}</th>
          <th>
            <span className="unseen">{access.askAgain}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <tr key={request.id} data-testid={`row-${request.id}`} data-state={request.state}>
            <td>
              <Tally state={tallyOf(request.state)} size={15} />
            </td>
            <td className="t2">
              <Time at={request.left.at} />
            </td>
            <td className="medium">
              <a className="ell name page" href={pageOf(request)} title={request.organization.name} data-testid={`page-${request.id}`}>
                {request.organization.name}
              </a>
            </td>
            <td>
              <Scope scope={request.scope} />
            </td>
            <td className="t2 mono">
              <div className="ell ticket" title={request.ticket}>
                {request.ticket}
              </div>
            </td>
            <td className="r t2">
              {request.session || request.state === "ended" ? duration(lastsFor(request, more.get(request.id) ?? [])) : ""}
            </td>
            <td className="t2">
              <div className="ell why" title={ended(request)}>
                {ended(request)}
              </div>
            </td>
            <td className="r">
              <Button
                look="quiet"
                size="sm"
                onPress={() => again(request)}
                aria-label={`${access.askAgain}: ${request.organization.name}`}
                data-testid={`ask-again-${request.ticket}`}
              >
                {access.askAgain}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
