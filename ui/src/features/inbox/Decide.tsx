import { SignatureIcon } from "@phosphor-icons/react";
import { useEffect, useRef, useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { RequestView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { useKept } from "../../parts/kept";
import { useKeys } from "../../parts/keys";
import { useOfflineWhy } from "../../parts/Offline";
import { useRoute } from "../../parts/route";
import { words } from "../../parts/words";
import { count } from "./signals";

const say = words.approvals;
const firstName = (name: string) => name.split(" ")[0] ?? name;

interface Props {
  request: RequestView;
  onDone: (request: RequestView) => void;
}

/** Comment, code, Deny, Countersign. A failure keeps what was typed; a wrong code empties the code alone. */
export function Decide({ request, onDone }: Props) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [comment, setComment] = useKept(`comment ${request.id}`);
  const [code, setCode] = useState("");
  const [denying, setDenying] = useState(false);
  const codeInput = useRef<HTMLInputElement>(null);
  const commentInput = useRef<HTMLInputElement>(null);
  const offline = useOfflineWhy();
  const stopped = count(request.signals, "stop") > 0;
  const said = comment.trim().length;
  const ready = code.length === 6 && (!stopped || said > 0) && !busy && !offline;
  const wrong = wrongCode(fault);
  const startDenying = () => setDenying(true);
  useEffect(() => {
    if (denying) commentInput.current?.focus();
  }, [denying]);
  // Somebody comes from a notification: reading and six digits are left to do.
  const comesToSign = useRoute().query.has("code");
  useEffect(() => {
    if (comesToSign) codeInput.current?.focus();
  }, [comesToSign]);
  useKeys({ a: () => codeInput.current?.focus(), c: () => commentInput.current?.focus(), d: startDenying });
  const signed = useRef(false);
  const finish = (decided: RequestView | null) => {
    if (!decided) return;
    signed.current = true;
    setCode("");
    setComment("");
    onDone(decided);
  };
  const sign = async () => {
    if (!ready || signed.current) return;
    finish(
      await run(
        () => backend.approve(request.id, comment.trim(), code),
        (failed) => {
          if (wrongCode(failed)) setCode("");
          codeInput.current?.focus();
        },
      ),
    );
  };
  const deny = async () => {
    if (said < 5) return commentInput.current?.focus();
    if (signed.current) return;
    finish(await run(() => backend.deny(request.id, comment.trim())));
  };
  const label = denying ? say.denyReason(firstName(request.left.name)) : stopped ? say.commentNeeded : say.comment;
  return (
    <>
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="actbar">
        <div className="grow">
          <label className="lbl" htmlFor="comment">
            {label}
          </label>
          <input
            id="comment"
            ref={commentInput}
            data-testid="comment"
            className="fld"
            value={comment}
            maxLength={500}
            onChange={(event) => setComment(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && !event.repeat && denying && void deny()}
          />
        </div>
        {denying ? (
          <>
            <Button size="lg" look="quiet" onPress={() => setDenying(false)}>
              {say.back}
            </Button>
            <Button size="lg" look="stop" busy={busy} isDisabled={said < 5} onPress={deny} shortcut="Enter" data-testid="confirm-deny">
              {say.denySure}
            </Button>
          </>
        ) : (
          <>
            <CodeField value={code} onChange={setCode} onEnter={sign} input={codeInput} wrong={wrong} />
            <Button size="lg" look="danger" onPress={startDenying} isDisabled={busy} data-testid="deny">
              {say.deny}
            </Button>
            <Button
              size="lg"
              look="seal"
              icon={<SignatureIcon size={18} />}
              shortcut="Enter"
              busy={busy}
              isDisabled={!ready}
              why={offline}
              onPress={sign}
              data-testid="countersign"
            >
              {say.countersign}
            </Button>
          </>
        )}
      </div>
    </>
  );
}
