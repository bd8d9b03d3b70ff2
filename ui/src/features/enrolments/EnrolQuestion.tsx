import { useBackend } from "../../backend/context";
import type { EnrolmentView } from "../../generated/bindings";
import { SignQuestion } from "../../parts/SignQuestion";
import { words } from "../../parts/words";

const say = words.enrolments;

interface Props {
  one: EnrolmentView;
  onDone: () => void;
  onClose: () => void;
}

/** Letting a computer in asks once, with the key to compare and the code of exactly this signature. */
export function EnrolQuestion({ one, onDone, onClose }: Props) {
  const backend = useBackend();
  return (
    <SignQuestion
      title={say.confirm(one.name)}
      look="seal"
      say={say}
      shortcut="Enter"
      testid="confirm-enrol"
      codeFirst
      sign={(code) => backend.enrol(one.person, one.device, code)}
      onDone={onDone}
      onClose={onClose}
    >
      <p className="t2">{say.confirmLead}</p>
      <p>
        {one.name} <span className="mono s12 t2">{one.person}</span>
      </p>
      <p>
        {say.key} <span className="mono medium">{one.keyShort}</span>
      </p>
    </SignQuestion>
  );
}
