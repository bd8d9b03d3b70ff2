import { SignatureIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { EnrolledDeviceView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { Dialog } from "../../parts/Dialog";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
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
  const { busy, fault, run } = useAction();
  const [reason, setReason] = useState("");
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const ready = reason.trim().length >= shortest && code.length === 6 && !busy;
  const sign = async () => {
    if (!ready) return;
    const done = await run(() => backend.resetFactor(one.person, reason.trim(), code).then(() => true));
    setCode("");
    if (done) onDone();
  };
  return (
    <Dialog role="alertdialog" title={say.title(one.name || one.person)} open onClose={onClose}>
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
      <CodeField value={code} onChange={setCode} onEnter={sign} wrong={wrong} />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button look="stop" icon={<SignatureIcon size={18} />} isDisabled={!ready} onPress={sign} data-testid="confirm-reset">
          {say.sign}
        </Button>
      </div>
    </Dialog>
  );
}
