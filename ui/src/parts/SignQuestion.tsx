import { SignatureIcon } from "@phosphor-icons/react";
import { type ReactNode, useState } from "react";
import { useAction } from "../backend/context";
import type { UiError } from "../generated/bindings";
import { Button } from "./Button";
import { CodeField } from "./CodeField";
import { Dialog } from "./Dialog";
import { wrongCode } from "./fault";
import { FaultNote } from "./FaultNote";
import { useOfflineWhy } from "./Offline";

interface Props {
  title: string;
  role?: "dialog" | "alertdialog";
  look: "primary" | "seal" | "stop";
  say: { sign: string; notNow: string };
  /** Enter signs in the field for the code; here that is said beside the button's name. */
  shortcut?: string;
  testid: string;
  /** What else has to be there before it can be signed is there. */
  ready?: boolean;
  /** A code is all that is asked for. */
  codeFirst?: boolean;
  /** Signs, with the code of exactly this. The code is gone afterwards, whatever came of it. */
  sign: (code: string) => Promise<unknown>;
  /** A failure that is said otherwise. */
  failed?: (fault: UiError) => ReactNode;
  onDone: () => void;
  onClose: () => void;
  /** Everything that is signed. */
  children: ReactNode;
}

/** A signature over what stands above it: it takes a code of its own, and is asked for once. */
export function SignQuestion(props: Props) {
  const { title, role, look, say, shortcut, testid, codeFirst, sign, failed, onDone, onClose, children } = props;
  // Whatever is signed here has to stand in the log.
  const why = useOfflineWhy();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const ready = props.ready !== false && code.length === 6 && !busy && why === undefined;
  const press = async () => {
    if (!ready) return;
    const signed = await run(() => sign(code).then(() => true));
    setCode("");
    if (signed) onDone();
  };
  return (
    <Dialog title={title} role={role} open onClose={onClose}>
      {children}
      <CodeField value={code} onChange={setCode} onEnter={press} wrong={wrong} autoFocus={codeFirst} />
      {fault && !wrong ? (failed?.(fault) ?? <FaultNote fault={fault} />) : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button
          look={look}
          icon={<SignatureIcon size={18} />}
          shortcut={shortcut}
          busy={busy}
          isDisabled={!ready}
          why={why}
          onPress={press}
          data-testid={testid}
        >
          {say.sign}
        </Button>
      </div>
    </Dialog>
  );
}
