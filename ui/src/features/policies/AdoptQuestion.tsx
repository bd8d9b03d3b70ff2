import { SignatureIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { ProposedPolicyView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { Dialog } from "../../parts/Dialog";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";

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
  const { busy, fault, run } = useAction();
  const [comment, setComment] = useState("");
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const ready = comment.trim().length >= SHORTEST && code.length === 6 && !busy;
  const sign = async () => {
    if (!ready) return;
    const signed = await run(() => backend.adoptPolicy(one.text, comment.trim(), code).then(() => true));
    setCode("");
    if (signed) onDone();
  };
  return (
    <Dialog title={say.ask(one.version)} open onClose={onClose}>
      <p className="t2">{say.askLead(one.by)}</p>
      <p className="mono s11 t3 policy-digest">{one.digest}</p>
      <label className="policy-why">
        {say.why}
        <textarea rows={2} maxLength={1000} value={comment} onChange={(event) => setComment(event.target.value)} data-testid="policy-why" />
      </label>
      <CodeField value={code} onChange={setCode} onEnter={sign} wrong={wrong} />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button look="seal" icon={<SignatureIcon size={18} />} isDisabled={!ready} onPress={sign} data-testid="confirm-adopt">
          {say.adopt}
        </Button>
      </div>
    </Dialog>
  );
}
