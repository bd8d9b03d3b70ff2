import { useState } from "react";
import { useAction, useBackend } from "../backend/context";
import type { SecondFactorView } from "../generated/bindings";
import { Button } from "./Button";
import { CodeField } from "./CodeField";
import { Dialog } from "./Dialog";
import { wrongCode } from "./fault";
import { FaultNote } from "./FaultNote";
import { useShowCodes } from "./RecoveryCodes";
import { Secret } from "./Secret";
import { words } from "./words";

const say = words.replaceFactor;

interface Props {
  onDone: () => void;
  onClose: () => void;
}

/** Another authenticator app in the place of one's own: with a code of it, or with a recovery code when it is lost. */
export function ReplaceFactor({ onDone, onClose }: Props) {
  const [shown, setShown] = useState<SecondFactorView | null>(null);
  return (
    <Dialog title={say.title} open onClose={onClose}>
      {shown ? <Confirm shown={shown} onDone={onDone} onClose={onClose} /> : <Begin onBegun={setShown} onClose={onClose} />}
    </Dialog>
  );
}

function Begin({ onBegun, onClose }: { onBegun: (shown: SecondFactorView) => void; onClose: () => void }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const ready = code.trim().length >= 6 && !busy;
  const begin = async () => {
    if (!ready) return;
    const shown = await run(() => backend.replaceSecondFactor(code.trim()));
    setCode("");
    if (shown) onBegun(shown);
  };
  return (
    <>
      <p className="t2">{say.lead}</p>
      <label className="lbl" htmlFor="replace-code">
        {say.code}
      </label>
      <input
        id="replace-code"
        className="fld mono"
        value={code}
        maxLength={32}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setCode(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && !event.repeat && void begin()}
        data-testid="replace-code"
      />
      <p className="s12 t2">{say.noCodes}</p>
      <FaultNote fault={fault} />
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button look="primary" busy={busy} isDisabled={!ready} onPress={begin} data-testid="begin-replace">
          {say.begin}
        </Button>
      </div>
    </>
  );
}

function Confirm({ shown, onDone, onClose }: Props & { shown: SecondFactorView }) {
  const backend = useBackend();
  const showCodes = useShowCodes();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const confirm = async () => {
    if (code.length < 6 || busy) return;
    const made = await run(() => backend.confirmSecondFactor(code));
    setCode("");
    if (!made) return;
    showCodes(made.codes);
    onDone();
  };
  return (
    <>
      <p className="t2">{say.scan}</p>
      <Secret shown={shown} />
      <CodeField value={code} onChange={setCode} onEnter={confirm} label={words.codes.fromApp} wrong={wrong} autoFocus />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button look="primary" busy={busy} isDisabled={code.length < 6} onPress={confirm} data-testid="confirm-replace">
          {say.confirm}
        </Button>
      </div>
    </>
  );
}
