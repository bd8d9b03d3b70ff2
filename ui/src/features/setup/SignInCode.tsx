import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { ReplaceFactor } from "../../parts/ReplaceFactor";
import { words } from "../../parts/words";

/** The one-time code of this sign-in. */
export function SignInCode({ changed }: { changed: () => void }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const [lost, setLost] = useState(false);
  const enter = async () => {
    const done = await run(
      () => backend.enterCode(code).then(() => true),
      (failed) => wrongCode(failed) && setCode(""),
    );
    if (done) changed();
  };
  const wrong = wrongCode(fault);
  return (
    <div className="step-body">
      <div className="row gap-3 code-row">
        <CodeField value={code} onChange={setCode} onEnter={enter} wrong={wrong} autoFocus />
      </div>
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="row gap-3">
        <Button look="primary" busy={busy} isDisabled={code.length < 6} onPress={enter} shortcut="Enter" data-testid="enter-code">
          {words.enterCode.button}
        </Button>
        <Button look="quiet" onPress={() => setLost(true)} data-testid="lost-app">
          {words.enterCode.lost}
        </Button>
      </div>
      {lost ? <ReplaceFactor onDone={changed} onClose={() => setLost(false)} /> : null}
    </div>
  );
}
