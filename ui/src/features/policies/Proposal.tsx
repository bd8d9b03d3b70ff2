import { useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import type { AdoptedPolicyView, ProposedPolicyView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { duration } from "../../parts/format";
import { Time, useOtherTimes } from "../../parts/Time";
import { words } from "../../parts/words";
import { AdoptQuestion } from "./AdoptQuestion";
import { AllowsMore } from "./AllowsMore";
import { LastMonth } from "./LastMonth";
import { against, type Line } from "./lines";

const say = words.policy;

interface Props {
  one: ProposedPolicyView;
  inForce: AdoptedPolicyView;
  onDone: () => void;
}

/** What one administrator signed for, beside what is in force. */
export function Proposal({ one, inForce, onDone }: Props) {
  const now = useServerSeconds(30_000);
  const others = useOtherTimes();
  const [asked, setAsked] = useState(false);
  return (
    <section className="policy-proposal" data-testid={`proposal-${one.version}`}>
      <h2>{say.proposed(one.version, one.name)}</h2>
      <p className="s12 t2">
        <Time at={one.at} as="ago" say={(time) => say.proposedBy(one.by, time)} /> <span className="mono">{one.keyShort}</span> ·{" "}
        <span title={others.whole(one.until)}>{say.until(duration(one.until - now))}</span>
      </p>
      <p>“{one.comment}”</p>
      <AllowsMore all={one.allowsMore} />
      <LastMonth key={one.digest} one={one} />
      <div className="policy-beside">
        <Lines title={say.inForce(inForce.version)} lines={against(inForce.text, one.text)} mark="−" />
        <Lines title={say.wouldBe(one.version)} lines={against(one.text, inForce.text)} mark="+" />
      </div>
      {one.signerSaw ? (
        <p className="s12" role="alert" data-testid="signer-saw">
          {one.signerSaw === "another-log" ? say.anotherLog : say.notCompared}
        </p>
      ) : one.mine ? (
        <p className="s12 t2">{say.mine}</p>
      ) : (
        <Button look="seal" onPress={() => setAsked(true)} data-testid="adopt">
          {say.adopt}
        </Button>
      )}
      {asked ? (
        <AdoptQuestion
          one={one}
          onDone={() => {
            setAsked(false);
            onDone();
          }}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </section>
  );
}

function Lines({ title, lines, mark }: { title: string; lines: Line[]; mark: string }) {
  return (
    <div>
      <h3>{title}</h3>
      <div className="policy-text mono s11" role="group" aria-label={title} tabIndex={0}>
        {lines.map((line, at) => (
          <div key={at} className={line.differs ? "differs" : undefined}>
            <span aria-hidden="true">{line.differs ? mark : " "}</span>
            {line.differs ? <strong>{line.text}</strong> : line.text}
          </div>
        ))}
      </div>
    </div>
  );
}
