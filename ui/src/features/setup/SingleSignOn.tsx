import { ArrowSquareOutIcon, CircleDashedIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend, useNotice } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { SignInView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CopyButton } from "../../parts/CopyButton";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";

/** Sign-in in the system browser, with the code that it must show. */
export function SingleSignOn({ initial = null }: { initial?: SignInView | null }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [waiting, setWaiting] = useState<SignInView | null>(initial);
  const { signInFailed } = useAppState();
  // The browser came back without anybody: what was waited for is over.
  useNotice((notice) => notice.kind === "sign-in" && setWaiting(null));
  const open = () =>
    run(async () => {
      const started = await backend.beginSignIn();
      setWaiting(started);
      await backend.openUrl(started.url);
    });
  const cancel = () =>
    run(async () => {
      await backend.cancelSignIn();
      setWaiting(null);
    });
  if (!waiting) {
    return (
      <div className="step-body">
        <FaultNote fault={fault ?? signInFailed ?? null} />
        <Button look="primary" autoFocus onPress={open} busy={busy} icon={<ArrowSquareOutIcon size={16} />} data-testid="sign-in">
          {signInFailed ? words.signIn.ssoAgain : words.signIn.ssoButton}
        </Button>
      </div>
    );
  }
  return (
    <div className="step-body">
      <div className="t2 s12">{words.signIn.match}</div>
      <div className="row gap-3">
        <span className="match" data-testid="match-code">
          {waiting.matchCode}
        </span>
        <span className="row gap-1 s12 t3" role="status">
          <CircleDashedIcon size={14} />
          {words.signIn.waiting}
        </span>
      </div>
      <FaultNote fault={fault} />
      <div className="row gap-2">
        <Button look="primary" onPress={() => run(() => backend.openUrl(waiting.url))} icon={<ArrowSquareOutIcon size={16} />}>
          {words.signIn.again}
        </Button>
        <CopyButton look="quiet" size="md" icon={false} data-testid="sign-in-copy" text={() => waiting.url}>
          {words.signIn.copyLink}
        </CopyButton>
        <Button look="quiet" onPress={cancel}>
          {words.signIn.cancel}
        </Button>
      </div>
    </div>
  );
}
