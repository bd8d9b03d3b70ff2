import { useState } from "react";
import type { RequestView, UiError } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { Dialog } from "../../parts/Dialog";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";

const { access } = words;

interface CodeProps {
  request: RequestView;
  busy: boolean;
  fault: UiError | null;
  onCode: (code: string) => void;
  onClose: () => void;
}

/** The code that opening asks for when the last one is old. */
export function CodeQuestion({ request, busy, fault, onCode, onClose }: CodeProps) {
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  return (
    <Dialog title={access.codeTitle(request.organization.name)} open onClose={onClose}>
      <p className="t2">{access.codeLead}</p>
      <CodeField value={code} onChange={setCode} onEnter={() => onCode(code)} wrong={wrong} autoFocus />
      {fault && fault.code !== "code-needed" && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{access.notNow}</Button>
        <Button look="primary" busy={busy} isDisabled={code.length < 6} onPress={() => onCode(code)} data-testid="open-with-code">
          {access.openSession}
        </Button>
      </div>
    </Dialog>
  );
}

/** Ending asks once, and so does taking back what was countersigned and not opened. */
export function EndQuestion({ request, onEnd, onClose }: { request: RequestView; onEnd: () => void; onClose: () => void }) {
  const inside = request.state === "open";
  const { name } = request.organization;
  return (
    <Dialog role="alertdialog" title={inside ? access.endTitle(name) : access.withdrawTitle(name)} open onClose={onClose}>
      <p className="t2">{inside ? access.endLead : access.withdrawLead}</p>
      <div className="dialog-actions">
        <Button autoFocus onPress={onClose}>
          {inside ? access.keepOpen : access.keepIt}
        </Button>
        <Button look="stop" onPress={onEnd} data-testid="confirm-end">
          {inside ? access.end : access.withdraw}
        </Button>
      </div>
    </Dialog>
  );
}
