import { SignatureIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { EnrolmentView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { Dialog } from "../../parts/Dialog";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
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
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const sign = async () => {
    if (code.length < 6 || busy) return;
    const signed = await run(() => backend.enrol(one.person, one.device, code).then(() => true));
    setCode("");
    if (signed) onDone();
  };
  return (
    <Dialog title={say.confirm(one.name)} open onClose={onClose}>
      <p className="t2">{say.confirmLead}</p>
      <p>
        {one.name} <span className="mono s12 t2">{one.person}</span>
      </p>
      <p>
        {say.key} <span className="mono medium">{one.keyShort}</span>
      </p>
      <CodeField value={code} onChange={setCode} onEnter={sign} wrong={wrong} autoFocus />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button
          look="seal"
          icon={<SignatureIcon size={18} />}
          shortcut="Enter"
          isDisabled={code.length < 6 || busy}
          onPress={sign}
          data-testid="confirm-enrol"
        >
          {say.sign}
        </Button>
      </div>
    </Dialog>
  );
}
