import { FlagIcon, SealCheckIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { ReviewVerdict } from "../../backend/wire";
import type { FindingView, SessionDetailView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { FaultNote } from "../../parts/FaultNote";
import { thousands } from "../../parts/format";
import { useKept } from "../../parts/kept";
import { useKeys } from "../../parts/keys";
import { useOfflineWhy } from "../../parts/Offline";
import { words } from "../../parts/words";
import type { ToReview } from "./useToReview";

const say = words.replay;

interface Props {
  detail: SessionDetailView;
  /** Findings that nobody went to here. */
  unread: FindingView[];
  waiting: ToReview;
  onUnread: (() => void) | null;
  changed: () => void;
}

/** What was not looked at, by name, before somebody signs that they looked. */
function Unread({ unread, onUnread }: { unread: FindingView[]; onUnread: (() => void) | null }) {
  return (
    <div className="unread" data-testid="unread">
      <p className="t2">{say.unreadLead}</p>
      <ul>
        {unread.map((one) => (
          <li key={one.rule}>{one.sentence}</li>
        ))}
      </ul>
      {onUnread ? (
        <Button size="sm" onPress={onUnread} data-testid="look-at-unread">
          {say.lookAtThem}
        </Button>
      ) : null}
    </div>
  );
}

/** How many others wait, once this one is done. */
function ToGo({ left, atLeast }: ToReview) {
  return left > 0 ? <span data-testid="to-go">{say.toGo(`${thousands(left)}${atLeast ? "+" : ""}`)}</span> : null;
}

/** Signs a review. A flag needs a sentence. */
export function ReviewFoot({ detail, unread, waiting, onUnread, changed }: Props) {
  const backend = useBackend();
  const { busy, fault, run, clear } = useAction();
  const [asking, setAsking] = useState<ReviewVerdict | null>(null);
  const [note, setNote] = useKept(`review ${detail.session.id}`);
  const offline = useOfflineWhy();
  // Only what was verified here counts, and its own verdict, whatever the service says of it.
  const counted = detail.reviews.filter((one) => one.check === "checks-out");
  const done = counted.length > 0;
  const missed = asking === "nothing-to-report" && unread.length > 0;
  const open = (verdict: ReviewVerdict) => {
    clear();
    setAsking(verdict);
  };
  useKeys({
    ...(detail.reviewable && detail.proof.verified && !done ? { r: () => open("nothing-to-report") } : {}),
    ...(detail.reviewable && !done ? { f: () => open("flagged") } : {}),
  });
  const sign = async (verdict: ReviewVerdict) => {
    if ((await run(() => backend.review(detail.session.id, verdict, note.trim()).then(() => true))) === null) return;
    setAsking(null);
    setNote("");
    changed();
  };
  if (done || !detail.reviewable) {
    return (
      <div className="rp-foot s12 t2 row gap-2">
        <span role="status" data-testid="review-state">
          {done ? (counted.some((one) => one.verdict === "flagged") ? say.flaggedDone : say.reviewed) : `${say.mayNot} ${say.mayNotNote}`}
        </span>
        {done ? <ToGo {...waiting} /> : null}
      </div>
    );
  }
  return (
    <div className="rp-foot row gap-2">
      {detail.proof.verified ? (
        <Button
          look="seal"
          className="grow"
          icon={<SealCheckIcon size={18} />}
          shortcut="R"
          onPress={() => open("nothing-to-report")}
          data-testid="mark-reviewed"
        >
          {say.markReviewed}
        </Button>
      ) : null}
      <Button look="danger" icon={<FlagIcon size={16} />} shortcut="F" onPress={() => open("flagged")} data-testid="flag">
        {say.flag}
      </Button>
      {asking ? (
        <Dialog
          title={asking === "flagged" ? say.flagTitle : missed ? say.unreadTitle(unread.length) : say.reviewTitle}
          open
          onClose={() => setAsking(null)}
        >
          {missed ? (
            <Unread
              unread={unread}
              onUnread={
                onUnread &&
                (() => {
                  setAsking(null);
                  onUnread();
                })
              }
            />
          ) : null}
          <p className="t2">{asking === "flagged" ? say.flagLead : say.reviewLead}</p>
          <div>
            <label className="lbl" htmlFor="review-note">
              {say.note}
            </label>
            <input
              id="review-note"
              className="fld"
              value={note}
              maxLength={500}
              onChange={(event) => setNote(event.target.value)}
              data-testid="review-note"
            />
          </div>
          <FaultNote fault={fault} />
          <div className="dialog-actions">
            <Button onPress={() => setAsking(null)}>{say.cancel}</Button>
            <Button
              look={asking === "flagged" ? "stop" : "seal"}
              why={offline}
              busy={busy}
              isDisabled={asking === "flagged" && note.trim().length < 5}
              onPress={() => void sign(asking)}
              data-testid="sign-review"
            >
              {asking === "flagged" ? say.flag : missed ? say.reviewAnyway : say.markReviewed}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}
