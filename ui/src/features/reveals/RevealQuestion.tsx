import { useBackend } from "../../backend/context";
import type { RevealView } from "../../generated/bindings";
import { revealWords } from "../../parts/revealWords";
import { SignQuestion } from "../../parts/SignQuestion";
import { Time } from "../../parts/Time";

const say = revealWords.inbox;

interface Props {
  one: RevealView;
  onDone: () => void;
  onClose: () => void;
}

/** The second signature, with everything that it covers in sight; no value is among it. */
export function RevealQuestion({ one, onDone, onClose }: Props) {
  const backend = useBackend();
  const [first = ""] = one.by;
  return (
    <SignQuestion
      title={say.question(one.marks.length)}
      look="seal"
      say={say}
      shortcut="Enter"
      testid="confirm-countersign-reveal"
      sign={(code) => backend.countersignReveal(one.id, code)}
      onDone={onDone}
      onClose={onClose}
    >
      <p className="t2">{say.lead(first)}</p>
      <blockquote className="reveal-quote scroll" tabIndex={0}>
        {one.justification}
      </blockquote>
      <dl className="kv reveal-facts" data-testid="reveal-facts">
        <dt>{say.asks}</dt>
        <dd>
          {first}, <Time at={one.at} as="exact" />
        </dd>
        <dt>{say.whose}</dt>
        <dd>{one.whose}</dd>
        <dt>{say.organization}</dt>
        <dd>
          {one.organization.name} <span className="mono s12">{one.organization.id}</span>
        </dd>
        <dt>{say.session}</dt>
        <dd className="mono s12">{one.session}</dd>
        <dt>{say.until}</dt>
        <dd>
          <Time at={one.until} as="exact" />
        </dd>
        <dt>{say.marks}</dt>
        <dd>
          <ul className="mono s12 reveal-digits scroll" tabIndex={0} aria-label={say.marks} data-testid="reveal-digits">
            {one.marks.map((digits) => (
              <li key={digits}>{digits}</li>
            ))}
          </ul>
        </dd>
      </dl>
    </SignQuestion>
  );
}
