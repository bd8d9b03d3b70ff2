import { useState } from "react";
import { useAction, useAsked, useBackend } from "../../backend/context";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";

const say = words.quit;

/** Asked before the app quits while Sessions are open. */
export function Quit() {
  const backend = useBackend();
  const [sessions, setSessions] = useState(0);
  const { busy, fault, run } = useAction();
  useAsked((asked) => asked.kind === "quit" && setSessions(asked.sessions));
  const stay = () => {
    setSessions(0);
    void run(() => backend.stay());
  };
  return (
    <Dialog title={say.title(sessions)} open={sessions > 0} onClose={stay} role="alertdialog">
      <p className="t2">{say.lead}</p>
      <FaultNote fault={fault} />
      <div className="dialog-actions">
        <Button autoFocus onPress={stay} data-testid="stay">
          {say.stay}
        </Button>
        <Button look="stop" busy={busy} onPress={() => void run(() => backend.quit())} data-testid="quit">
          {say.quit}
        </Button>
      </div>
    </Dialog>
  );
}
