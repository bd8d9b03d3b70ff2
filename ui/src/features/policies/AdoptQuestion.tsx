import { useBackend } from "../../backend/context";
import type { ProposedPolicyView } from "../../generated/bindings";
import { useKept } from "../../parts/kept";
import { SignQuestion } from "../../parts/SignQuestion";
import { words } from "../../parts/words";
import { AllowsMore } from "./AllowsMore";

const say = words.policy;
const SHORTEST = 10;

interface Props {
  one: ProposedPolicyView;
  onDone: () => void;
  onClose: () => void;
}

/** The second administrator's signature: why, and the code of exactly this. */
export function AdoptQuestion({ one, onDone, onClose }: Props) {
  const backend = useBackend();
  const [comment, setComment] = useKept(`policy ${one.digest}`);
  return (
    <SignQuestion
      title={say.ask(one.version)}
      look="seal"
      say={{ sign: say.adopt, notNow: say.notNow }}
      testid="confirm-adopt"
      ready={comment.trim().length >= SHORTEST}
      sign={(code) => backend.adoptPolicy(one.text, comment.trim(), code)}
      onDone={() => {
        setComment("");
        onDone();
      }}
      onClose={onClose}
    >
      <p className="t2">{say.askLead(one.by)}</p>
      <AllowsMore all={one.allowsMore} />
      <p className="mono s11 t3 policy-digest">{one.digest}</p>
      <label className="policy-why">
        {say.why}
        <textarea rows={2} maxLength={1000} value={comment} onChange={(event) => setComment(event.target.value)} data-testid="policy-why" />
      </label>
    </SignQuestion>
  );
}
