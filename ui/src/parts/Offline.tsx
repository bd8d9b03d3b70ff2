import { PlugsIcon } from "@phosphor-icons/react";
import { useAction, useBackend } from "../backend/context";
import { useAppState } from "../backend/state";
import { Button } from "./Button";
import "./notes.css";
import { words } from "./words";

const say = words.offline;

/** Why an action that takes the audit service cannot be done now; undefined when it can. */
export function useOfflineWhy(): string | undefined {
  return useAppState().status.audit === "unreachable" ? say.why : undefined;
}

/** Stands under the header of every page while the audit service does not answer. */
export function Offline() {
  const backend = useBackend();
  const { status } = useAppState();
  const { run, busy } = useAction();
  if (status.audit !== "unreachable") return null;
  return (
    <div className="banner" role="alert" data-testid="offline">
      <PlugsIcon size={18} className="red" />
      <div className="grow">
        <b className="red">{say.title}</b>
        <div className="s12 t2">{say.text}</div>
      </div>
      <Button size="sm" busy={busy} onPress={() => run(() => backend.checkLog())}>
        {say.tryNow}
      </Button>
    </div>
  );
}
