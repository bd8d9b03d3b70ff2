import { createContext, type ReactNode, useContext, useState } from "react";
import { Button } from "./Button";
import { CopyButton } from "./CopyButton";
import { Dialog } from "./Dialog";
import "./secret.css";
import { words } from "./words";

const say = words.recovery;

const ShowCodes = createContext<(codes: string[]) => void>(() => {});

/** Shows recovery codes over whatever page comes next, until the person says that they are put away. */
export function useShowCodes(): (codes: string[]) => void {
  return useContext(ShowCodes);
}

/** Holds recovery codes while they are shown; nothing else has them. */
export function RecoveryCodes({ children }: { children: ReactNode }) {
  const [codes, setCodes] = useState<string[]>([]);
  return (
    <ShowCodes value={setCodes}>
      {children}
      {codes.length > 0 ? <Shown key={codes[0]} codes={codes} onDone={() => setCodes([])} /> : null}
    </ShowCodes>
  );
}

function Shown({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const [safe, setSafe] = useState(false);
  return (
    // Neither Escape nor a press outside puts away what is not shown again.
    <Dialog title={say.title} open onClose={() => {}} role="alertdialog">
      <p className="t2">{say.lead}</p>
      <ol className="recovery mono" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div>
        <CopyButton text={() => codes.join("\n")}>{say.copy}</CopyButton>
      </div>
      <label className="row gap-2">
        <input type="checkbox" checked={safe} onChange={(event) => setSafe(event.target.checked)} data-testid="codes-are-safe" />
        {say.safe}
      </label>
      <div className="dialog-actions">
        <Button look="primary" isDisabled={!safe} onPress={onDone} data-testid="codes-done">
          {say.done}
        </Button>
      </div>
    </Dialog>
  );
}
