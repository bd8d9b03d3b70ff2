import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { RecordingView, ReviewView, SessionDetailView } from "../../generated/bindings";
import { Time } from "../../parts/Time";
import { revealWords } from "../../parts/revealWords";
import { words } from "../../parts/words";
import { Events } from "./Events";
import { Evidence } from "./Evidence";
import { Findings } from "./Findings";
import { MarkPanel } from "./MarkPanel";
import "./marks.css";
import { ReviewFoot } from "./ReviewFoot";
import type { Index } from "./timeline";
import type { ReplayClock } from "./useClock";
import { useMarks } from "./useMarks";
import type { Opened } from "./useOpened";
import type { ToReview } from "./useToReview";

const say = words.replay;

function Reviews({ reviews }: { reviews: ReviewView[] }) {
  if (reviews.length === 0) return <p className="s12 t3 pad">{say.noReviews}</p>;
  return (
    <ul className="pad">
      {reviews.map((review) => (
        <li key={review.name + review.at}>
          <span className="sign reviewer">{review.name}</span> <Time className="s12 t3" at={review.at} />
          <div className={review.check === "checks-out" ? "s12" : "s12 red"}>
            {review.check === "checks-out" ? (say.verdict[review.verdict] ?? review.verdict) : say.signature}
            {review.note ? `: “${review.note}”` : ""}
          </div>
        </li>
      ))}
    </ul>
  );
}

interface Props {
  detail: SessionDetailView;
  recording: RecordingView | null;
  index: Index | null;
  clock: ReplayClock | null;
  /** The Recording is here, or will not come: only then a review can be signed. */
  settled: boolean;
  opened: Opened;
  waiting: ToReview;
  /** Goes to the first finding that was not opened. */
  onUnread: (() => void) | null;
  changed: () => void;
}

/** The request, the signatures, the proof, and what happened. */
export function Side({ detail, recording, index, clock, settled, opened, waiting, onUnread, changed }: Props) {
  const masked = useMarks(detail.session.id);
  return (
    <aside className="rp" data-pane="side">
      <div className="rp-body scroll">
        <Evidence detail={detail} />
        <Tabs className="rp-tabs">
          <TabList className="tabs" aria-label={say.events}>
            <Tab id="events">
              {say.events} <span className="t3">{index?.moments.length ?? ""}</span>
            </Tab>
            <Tab id="findings">
              {words.findings.title} <span className="t3">{detail.findings?.length || ""}</span>
            </Tab>
            <Tab id="reviews">
              {say.reviews} <span className="t3">{detail.reviews.length || ""}</span>
            </Tab>
            {masked.marks.length > 0 ? (
              <Tab id="marks" data-testid="tab-marks">
                {revealWords.tab} <span className="t3">{masked.marks.length}</span>
              </Tab>
            ) : null}
          </TabList>
          <TabPanel id="events" className="rp-panel">
            {index && clock && recording ? (
              <Events moments={index.moments} exchanges={recording.exchanges} atMs={clock.atMs} onSeek={clock.seek} />
            ) : null}
          </TabPanel>
          <TabPanel id="findings" className="rp-panel">
            <Findings findings={detail.findings} onSeek={clock?.seek ?? null} opened={opened} />
          </TabPanel>
          <TabPanel id="reviews" className="rp-panel">
            <Reviews reviews={detail.reviews} />
          </TabPanel>
          {masked.marks.length > 0 ? (
            <TabPanel id="marks" className="rp-panel">
              <MarkPanel {...masked} session={detail.session.id} live={recording?.live ?? false} onSeek={clock?.seek ?? null} />
            </TabPanel>
          ) : null}
        </Tabs>
      </div>
      {settled ? <ReviewFoot detail={detail} unread={opened.unread} waiting={waiting} onUnread={onUnread} changed={changed} /> : null}
    </aside>
  );
}
