import { ProhibitIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction } from "../backend/context";
import type { RevokedView } from "../generated/bindings";
import { Button } from "./Button";
import { CodeField } from "./CodeField";
import { Dialog } from "./Dialog";
import { wrongCode } from "./fault";
import { FaultNote } from "./FaultNote";
import { useKept } from "./kept";
import { words } from "./words";

const say = words.revoke;
/** As the engine counts it. */
const shortest = 10;

interface Props {
  title: string;
  lead: string;
  /** The word for it here. */
  act?: string;
  /** What is said while it goes on. */
  going?: string;
  /** It keeps somebody out for longer than one session, and takes a code. */
  withCode: boolean;
  revoke: (reason: string, code: string) => Promise<RevokedView>;
  onDone: (revoked: RevokedView) => void;
  onClose: () => void;
}

/** Taking access away asks once, and for a reason that is kept. */
export function RevokeQuestion({ title, lead, act = say.revoke, going, withCode, revoke, onDone, onClose }: Props) {
  const { busy, fault, run } = useAction();
  const [reason, setReason] = useKept(`revoke ${title}`);
  const [code, setCode] = useState("");
  const wrong = withCode ? wrongCode(fault) : null;
  const ready = reason.trim().length >= shortest && (!withCode || code.length === 6) && !busy;
  const sign = async () => {
    if (!ready) return;
    const revoked = await run(() => revoke(reason.trim(), code));
    setCode("");
    if (!revoked) return;
    setReason("");
    onDone(revoked);
  };
  return (
    <Dialog role="alertdialog" title={title} open onClose={onClose}>
      <p className="t2">{lead}</p>
      <label className="lbl" htmlFor="revoke-reason">
        {say.reason}
      </label>
      <input
        id="revoke-reason"
        className="fld"
        data-testid="revoke-reason"
        value={reason}
        maxLength={500}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && !event.repeat && !withCode && void sign()}
      />
      {withCode ? <CodeField value={code} onChange={setCode} onEnter={sign} wrong={wrong} /> : null}
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      {going ? (
        <p role="status" className="s12 t2">
          {busy ? going : null}
        </p>
      ) : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button
          look="stop"
          icon={<ProhibitIcon size={18} />}
          busy={going ? undefined : busy}
          isDisabled={!ready}
          onPress={sign}
          data-testid="confirm-revoke"
        >
          {act}
        </Button>
      </div>
    </Dialog>
  );
}
