import { PasswordIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAction, useBackend } from "../../backend/context";
import { useAppState } from "../../backend/state";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { Dialog } from "../../parts/Dialog";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { useShowCodes } from "../../parts/RecoveryCodes";
import { ReplaceFactor } from "../../parts/ReplaceFactor";
import { words } from "../../parts/words";

const say = words.ownCodes;

/** One's own one-time codes: how many recovery codes are left, new ones, another app. */
export function Codes() {
  const [open, setOpen] = useState<"codes" | "replace" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Button icon={<PasswordIcon size={16} />} onPress={() => setOpen("codes")} data-testid="codes">
        {say.manage}
      </Button>
      {open === "codes" ? <Own onReplace={() => setOpen("replace")} onClose={close} /> : null}
      {open === "replace" ? <ReplaceFactor onDone={close} onClose={close} /> : null}
    </>
  );
}

function Own({ onReplace, onClose }: { onReplace: () => void; onClose: () => void }) {
  const backend = useBackend();
  const { factor } = useAppState();
  const now = useServerSeconds(10_000);
  const showCodes = useShowCodes();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const waits = factor ? factor.countsFrom - now : 0;
  const make = async () => {
    if (code.length < 6 || busy) return;
    const made = await run(() => backend.makeRecoveryCodes(code));
    setCode("");
    if (!made) return;
    onClose();
    showCodes(made.codes);
  };
  return (
    <Dialog title={say.title} open onClose={onClose}>
      {factor ? <p data-testid="codes-left">{say.left(factor.recoveryCodesLeft)}</p> : null}
      {waits > 0 ? <p className="t2">{say.waits(Math.ceil(waits / 60))}</p> : null}
      <p className="t2">{say.makeLead}</p>
      <CodeField value={code} onChange={setCode} onEnter={make} label={words.codes.fromApp} wrong={wrong} autoFocus />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onReplace} data-testid="replace-factor">
          {say.replace}
        </Button>
        <Button look="primary" busy={busy} isDisabled={code.length < 6} onPress={make} data-testid="make-codes">
          {say.make}
        </Button>
      </div>
    </Dialog>
  );
}
