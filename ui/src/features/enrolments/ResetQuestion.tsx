import { useBackend } from "../../backend/context";
import type { EnrolledDeviceView } from "../../generated/bindings";
import { useKept } from "../../parts/kept";
import { SignQuestion } from "../../parts/SignQuestion";
import { words } from "../../parts/words";

const say = words.resetFactor;
/** As the engine counts it. */
const shortest = 10;

interface Props {
  one: EnrolledDeviceView;
  onDone: () => void;
  onClose: () => void;
}

/** Voiding somebody's lost second factor asks once, for how the administrator knows them, and for a code of exactly this. */
export function ResetQuestion({ one, onDone, onClose }: Props) {
  const backend = useBackend();
  const [reason, setReason] = useKept(`reset ${one.person}`);
  return (
    <SignQuestion
      role="alertdialog"
      title={say.title(one.name || one.person)}
      look="stop"
      say={say}
      testid="confirm-reset"
      ready={reason.trim().length >= shortest}
      sign={(code) => backend.resetFactor(one.person, reason.trim(), code)}
      onDone={() => {
        setReason("");
        onDone();
      }}
      onClose={onClose}
    >
      <p className="t2">{say.lead}</p>
      <label className="lbl" htmlFor="reset-reason">
        {say.reason}
      </label>
      <input
        id="reset-reason"
        className="fld"
        value={reason}
        maxLength={500}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
    </SignQuestion>
  );
}
