import { ClockClockwiseIcon } from "@phosphor-icons/react";
import { useServerSeconds } from "../../backend/clock";
import type { RequestView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { ago, exactly } from "../../parts/format";
import { words } from "../../parts/words";

const say = words.more;

interface Props {
  requests: RequestView[];
  busy: boolean;
  onWithdraw: (id: string) => void;
}

/** What was asked for in a Session beside what opened it, and is not over. */
export function More({ requests, busy, onWithdraw }: Props) {
  const now = useServerSeconds(10_000);
  return (
    <ul className="of-session">
      {requests.map((request) => {
        const time = exactly(request.extends?.moreSeconds ?? 0);
        const waits = request.state === "waiting";
        return (
          <li key={request.id} className="row s12 t2" data-testid={`more-${request.id}`} data-state={request.state}>
            <ClockClockwiseIcon size={14} />
            <span className="grow">{waits ? say.own(time, ago(now - request.left.at)) : say.ownCountersigned(time)}</span>
            {waits ? (
              <Button look="quiet" size="sm" isDisabled={busy} onPress={() => onWithdraw(request.id)} data-testid="withdraw">
                {words.access.withdraw}
              </Button>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}
