import { CircleDashedIcon, FlagIcon, SealCheckIcon } from "@phosphor-icons/react";
import type { SessionView } from "../../generated/bindings";
import { words } from "../../parts/words";

/** How far a Session's review is, in a word and a shape. */
export function ReviewState({ session }: { session: SessionView }) {
  const say = words.sessions;
  if (session.endedAt === null) return <span className="rec">{say.recording}</span>;
  if (session.review === "flagged") {
    return (
      <span className="row gap-1 red">
        <FlagIcon size={14} />
        {say.flagged}
      </span>
    );
  }
  if (session.review) {
    return (
      <span className="row gap-1 seal">
        <SealCheckIcon size={14} />
        {say.reviewed}
      </span>
    );
  }
  if (!session.due) return <span className="t3">{say.notReviewed}</span>;
  return (
    <span className="row gap-1 t2">
      <CircleDashedIcon size={14} />
      {say.toReview}
    </span>
  );
}
