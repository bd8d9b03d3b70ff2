import { SignatureIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { RevealView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { Dialog } from "../../parts/Dialog";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { useOfflineWhy } from "../../parts/Offline";
import { revealWords } from "../../parts/revealWords";
import { Time } from "../../parts/Time";

const say = revealWords.inbox;

interface Props {
  one: RevealView;
  onDone: () => void;
  onClose: () => void;
}

/** The second signature, with everything that it covers in sight; no value is among it. */
export function RevealQuestion({ one, onDone, onClose }: Props) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const offline = useOfflineWhy();
  const wrong = wrongCode(fault);
  const [first = ""] = one.by;
  const ready = code.length === 6 && !busy && !offline;
  const sign = async () => {
    if (!ready) return;
    const signed = await run(() => backend.countersignReveal(one.id, code).then(() => true));
    setCode("");
    if (signed) onDone();
  };
  return (
    <Dialog title={say.question(one.marks.length)} open onClose={onClose}>
      <p className="t2">{say.lead(first)}</p>
      <blockquote className="reveal-quote scroll" tabIndex={0}>
        {one.justification}
      </blockquote>
      <dl className="kv reveal-facts" data-testid="reveal-facts">
        <dt>{say.asks}</dt>
        <dd>
          {first}, <Time at={one.at} as="exact" />
        </dd>
        <dt>{say.whose}</dt>
        <dd>{one.whose}</dd>
        <dt>{say.organization}</dt>
        <dd>
          {one.organization.name} <span className="mono s12">{one.organization.id}</span>
        </dd>
        <dt>{say.session}</dt>
        <dd className="mono s12">{one.session}</dd>
        <dt>{say.until}</dt>
        <dd>
          <Time at={one.until} as="exact" />
        </dd>
        <dt>{say.marks}</dt>
        <dd>
          <ul className="mono s12 reveal-digits scroll" tabIndex={0} aria-label={say.marks} data-testid="reveal-digits">
            {one.marks.map((digits) => (
              <li key={digits}>{digits}</li>
            ))}
          </ul>
        </dd>
      </dl>
      <CodeField value={code} onChange={setCode} onEnter={sign} wrong={wrong} />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose}>{say.notNow}</Button>
        <Button
          look="seal"
          icon={<SignatureIcon size={18} />}
          shortcut="Enter"
          isDisabled={!ready}
          why={offline}
          onPress={sign}
          data-testid="confirm-countersign-reveal"
        >
          {say.sign}
        </Button>
      </div>
    </Dialog>
  );
}
