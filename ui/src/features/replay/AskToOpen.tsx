import { EyeSlashIcon } from "@phosphor-icons/react";
import { useBackend } from "../../backend/context";
import type { UiError } from "../../generated/bindings";
import { Empty } from "../../parts/Empty";
import { FaultNote } from "../../parts/FaultNote";
import { useKept } from "../../parts/kept";
import { revealWords } from "../../parts/revealWords";
import { SignQuestion } from "../../parts/SignQuestion";
import type { Mark } from "./marks";

const say = revealWords.question;
/** As the engine counts it. */
const [SHORTEST, LONGEST] = [20, 1000];

/** There is nothing to open, whatever else is tried: said instead of a failure. */
function Refused({ fault }: { fault: UiError }) {
  const { notKept, notKeptNote, own, ownNote } = revealWords.refused;
  if (fault.code === "no-such-mark") return <Empty icon={<EyeSlashIcon size={20} />} title={notKept} note={notKeptNote} />;
  if (fault.code === "own-session") return <Empty icon={<EyeSlashIcon size={20} />} title={own} note={ownNote} />;
  return <FaultNote fault={fault} />;
}

interface Props {
  session: string;
  marks: Mark[];
  onDone: () => void;
  onClose: () => void;
}

/** The first signature: for exactly these marks, why, and the code of exactly this. */
export function AskToOpen({ session, marks, onDone, onClose }: Props) {
  const backend = useBackend();
  const [why, setWhy] = useKept(`marks ${session}`);
  const length = [...why.trim()].length;
  const digits = marks.map((one) => one.digits);
  return (
    <SignQuestion
      title={say.title(marks.length)}
      look="primary"
      say={say}
      testid="confirm-reveal"
      ready={length >= SHORTEST && length <= LONGEST}
      sign={(code) => backend.proposeReveal(session, digits, why.trim(), code)}
      failed={(fault) => <Refused fault={fault} />}
      onDone={() => {
        setWhy("");
        onDone();
      }}
      onClose={onClose}
    >
      <p className="t2">{say.lead}</p>
      <ul className="named mono s12 scroll" tabIndex={0} aria-label={say.marks} data-testid="reveal-marks">
        {marks.map((one) => (
          <li key={one.digits}>{revealWords.mark(one.rule, one.digits)}</li>
        ))}
      </ul>
      <div>
        <label className="lbl" htmlFor="reveal-why">
          {say.why}
        </label>
        <textarea
          id="reveal-why"
          className="fld"
          rows={2}
          maxLength={LONGEST}
          value={why}
          onChange={(event) => setWhy(event.target.value)}
          data-testid="reveal-why"
        />
        <div className="s11 t3">{say.count(length)}</div>
      </div>
    </SignQuestion>
  );
}
