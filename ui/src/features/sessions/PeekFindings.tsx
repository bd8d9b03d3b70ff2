import type { FindingView } from "../../generated/bindings";
import { WeightMark } from "../../parts/Finding";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.findings;
/** The others are in the replay. */
const FEW = 3;

/** What the rules point at in this Session, as sentences. */
export function PeekFindings({ findings }: { findings: FindingView[] | null }) {
  if (!findings || findings.length === 0) return null;
  const more = findings.length - FEW;
  return (
    <section data-testid="peek-findings">
      <h2 className="s12">{say.count(findings.length)}</h2>
      <ul className="found s12">
        {findings.slice(0, FEW).map(({ rule, weight, sentence, atMs, times }) => (
          <li key={rule}>
            <WeightMark weight={weight} />
            <span>
              {sentence}
              <span className="t3">
                {" "}
                {atMs === null ? say.whole : <Time at={atMs / 1000} as="seconds" />}
                {times > 1 ? `, ${say.times(times)}` : ""}
              </span>
            </span>
          </li>
        ))}
        {more > 0 ? <li className="t3">{words.live.more(more)}</li> : null}
      </ul>
    </section>
  );
}
