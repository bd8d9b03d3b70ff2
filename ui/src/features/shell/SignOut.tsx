import { SignOutIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";

const say = words.signOut;

/** Signs out; with Sessions open it asks first, as quitting does. */
export function useSignOut() {
  const backend = useBackend();
  const { busy, fault, run, clear } = useAction();
  const [sessions, setSessions] = useState(0);
  const leave = () => run(() => backend.signOut());
  const press = () =>
    void run(async () => {
      const doors = await backend.doors().catch(() => []);
      const open = doors.filter((one) => !one.endedBy).length;
      if (open === 0) return backend.signOut();
      setSessions(open);
    });
  const stay = () => {
    setSessions(0);
    clear();
  };
  const question = (
    <Dialog title={say.title(sessions)} open={sessions > 0 || fault !== null} onClose={stay} role="alertdialog">
      <p className="t2">{say.lead(sessions)}</p>
      <FaultNote fault={fault} />
      <div className="dialog-actions">
        <Button autoFocus onPress={stay}>
          {say.stay}
        </Button>
        <Button look="stop" busy={busy} onPress={() => void leave()} data-testid="confirm-sign-out">
          {words.nav.signOut}
        </Button>
      </div>
    </Dialog>
  );
  return { press, busy, question };
}

export function SignOut() {
  const { press, busy, question } = useSignOut();
  return (
    <>
      <Button icon={<SignOutIcon size={16} />} busy={busy} onPress={press} data-testid="sign-out">
        {words.nav.signOut}
      </Button>
      {question}
    </>
  );
}
