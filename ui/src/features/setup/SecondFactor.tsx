import { CheckIcon } from "@phosphor-icons/react";
import { useEffect, useRef, useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { SecondFactorView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { Mark } from "../../parts/Mark";
import { useShowCodes } from "../../parts/RecoveryCodes";
import { Secret } from "../../parts/Secret";
import { words } from "../../parts/words";

function Aside() {
  const { person, device } = useAppState();
  return (
    <aside className="codes-aside">
      <h1>{words.codes.aside}</h1>
      <p className="t2">{words.codes.asideText}</p>
      <p className="t2">{words.codes.lockout}</p>
      <ul className="s12 t2">
        <li className="row gap-2">
          <CheckIcon size={14} className="ink" />
          {words.codes.done.signedIn} {person?.name}
        </li>
        <li className="row gap-2">
          <CheckIcon size={14} className="ink" />
          <span>
            {words.codes.done.key} <span className="mono">{device?.keyShort}</span> {words.codes.done.made} {device?.keptIn}
          </span>
        </li>
      </ul>
    </aside>
  );
}

/** Enrolling one-time codes: the QR code, the key as text, and one code to prove that it arrived. */
export function SecondFactor({ changed }: { changed: () => void }) {
  const backend = useBackend();
  const begin = useAction();
  const confirm = useAction();
  const signOut = useAction();
  const showCodes = useShowCodes();
  const [shown, setShown] = useState<SecondFactorView | null>(null);
  const [code, setCode] = useState("");
  const asked = useRef(false);
  const start = () => begin.run(async () => setShown(await backend.beginSecondFactor()));
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void start();
  });
  const finish = async () => {
    const made = await confirm.run(
      () => backend.confirmSecondFactor(code),
      (fault) => wrongCode(fault) && setCode(""),
    );
    if (!made) return;
    showCodes(made.codes);
    changed();
  };
  return (
    <div className="codes">
      <div className="codes-main">
        <div className="setup-brand">
          <Mark size={30} />
          {words.product}
        </div>
        <div className="s12 t3 step-of">{words.codes.step}</div>
        <h1 className="big-28">{words.codes.title}</h1>
        <p className="t2 lead">{words.codes.lead}</p>
        {shown ? <Secret shown={shown} /> : <FaultNote fault={begin.fault} again={start} />}
        {begin.fault?.code === "fresh-sign-in-needed" ? (
          <Button busy={signOut.busy} onPress={() => void signOut.run(() => backend.signOut())} data-testid="sign-in-again">
            {words.codes.signInAgain}
          </Button>
        ) : null}
        <CodeField
          value={code}
          onChange={setCode}
          onEnter={finish}
          label={words.codes.fromApp}
          hint={words.code.hint}
          wrong={wrongCode(confirm.fault)}
          autoFocus
        />
        {confirm.fault && !wrongCode(confirm.fault) ? <FaultNote fault={confirm.fault} /> : null}
        <div className="setup-foot">
          <Button
            look="primary"
            size="lg"
            shortcut="Enter"
            className="push"
            busy={confirm.busy}
            isDisabled={code.length < 6}
            onPress={finish}
            data-testid="confirm-second-factor"
          >
            {words.codes.finish}
          </Button>
        </div>
      </div>
      <Aside />
    </div>
  );
}
