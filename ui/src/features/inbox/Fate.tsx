import type { RequestView } from "../../generated/bindings";
import { saidEnd } from "../../parts/ending";
import { exactly } from "../../parts/format";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.approvals;
const firstName = (name: string) => name.split(" ")[0] ?? name;

/**
 * Until when something can be done about a request, or what became of it, also while somebody reads it. It is spoken when it
 * changes, so no time in it counts on.
 */
export function Fate({ request, viewer }: { request: RequestView; viewer: string }) {
  const { until, state, left, right, sessionEndsAt, endedBy } = request;
  const last = right.at(-1);
  switch (state) {
    case "waiting":
      return <Time at={until} as="exact" say={say.until} />;
    case "approved":
      return (
        <>
          {last ? (
            <Time at={last.at} as="short" say={(at) => (last.person === viewer ? say.youSigned(at) : say.signed(last.name, at))} />
          ) : null}{" "}
          {request.extends ? null : <Time at={until} as="short" say={say.opensUntil} />}
        </>
      );
    case "open":
      return sessionEndsAt === null ? say.isOpen : <Time at={sessionEndsAt} as="short" say={say.openUntil} />;
    case "denied":
      return say.wasDenied;
    case "withdrawn":
      return request.mine ? say.youWithdrew : say.withdrew(firstName(left.name));
    case "expired":
      return say.expired;
    default:
      return request.extends && endedBy === "extended"
        ? words.more.wasAdded(exactly(request.extends.moreSeconds))
        : say.ended(saidEnd(endedBy));
  }
}
