import { DownloadSimpleIcon } from "@phosphor-icons/react";
import { useEffect, useRef, useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAction, useBackend, useNotice } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { ExportView, SessionCountView, UiError } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { thousands } from "../../parts/format";
import { holds } from "../../parts/holds";
import { useOfflineWhy } from "../../parts/Offline";
import { words } from "../../parts/words";
import { askedOf, queryOf, type Wanted } from "./filter";
import { countSaid } from "./useCounts";

const say = words.sessions.export;

type Stage =
  | { is: "away" }
  | { is: "asking" }
  | { is: "running"; done: number; of: number; stopping: boolean }
  | { is: "done"; exported: ExportView }
  | { is: "cancelled" }
  | { is: "failed"; fault: UiError };

/** Exactly the list that is shown, as a file; for reviewers. It is said before that it leaves an entry in the log. */
export function useExport(wanted: Wanted, here: SessionCountView | null) {
  const backend = useBackend();
  const now = useServerSeconds(60_000);
  const { person } = useAppState();
  const action = useAction();
  const [stage, setStage] = useState<Stage>({ is: "away" });
  const query = queryOf(wanted);
  const asked = useRef(query);
  // Another list is another question; what runs is of the one before and goes on.
  useEffect(() => {
    if (asked.current === query) return;
    asked.current = query;
    setStage((old) => (old.is === "running" ? old : { is: "away" }));
  }, [query]);
  useNotice((notice) => {
    if (notice.kind !== "exporting") return;
    const { done, of } = notice;
    setStage((old) => (old.is === "running" ? { ...old, done, of } : old));
  });
  const start = () => {
    setStage({ is: "running", done: 0, of: here?.sessions ?? 0, stopping: false });
    void action.run(
      async () => setStage({ is: "done", exported: await backend.exportSessions(askedOf(wanted, now)) }),
      (fault) => setStage(fault.code === "cancelled" ? { is: "cancelled" } : { is: "failed", fault }),
    );
  };
  const cancel = () => {
    setStage((old) => (old.is === "running" ? { ...old, stopping: true } : old));
    void backend.cancelExport();
  };
  const may = holds(person, "reviewer");
  const offline = useOfflineWhy();
  const button = may ? (
    <Button
      size="sm"
      icon={<DownloadSimpleIcon size={14} />}
      isDisabled={stage.is === "running"}
      why={offline}
      onPress={() => setStage({ is: "asking" })}
      data-testid="export"
    >
      {say.title}
    </Button>
  ) : null;
  const close = () => setStage({ is: "away" });
  return { button, note: may ? <Note stage={stage} here={here} start={start} cancel={cancel} close={close} /> : null };
}

interface Props {
  stage: Stage;
  here: SessionCountView | null;
  start: () => void;
  cancel: () => void;
  close: () => void;
}

function Note({ stage, here, start, cancel, close }: Props) {
  if (stage.is === "away") return null;
  if (stage.is === "failed") return <FaultNote fault={stage.fault} again={start} />;
  return (
    <div className="banner-note s12 export" data-testid={`export-${stage.is}`}>
      {stage.is === "asking" ? (
        <>
          <span>{here ? say.ask(countSaid(here)) : say.askAll}</span>
          <Button size="sm" look="primary" onPress={start} data-testid="export-start">
            {say.title}
          </Button>
          <Button size="sm" look="quiet" onPress={close} data-testid="export-not">
            {words.replay.cancel}
          </Button>
        </>
      ) : null}
      {stage.is === "running" ? (
        <>
          <progress aria-label={say.title} max={Math.max(1, stage.of)} value={stage.done} />
          <span className="nw">{say.running(thousands(stage.done), thousands(stage.of))}</span>
          <Button size="sm" isDisabled={stage.stopping} onPress={cancel} data-testid="export-cancel">
            {stage.stopping ? say.stopping : words.replay.cancel}
          </Button>
        </>
      ) : null}
      {stage.is === "done" || stage.is === "cancelled" ? (
        <>
          <span role="status">
            {stage.is === "done" ? say.done(thousands(stage.exported.sessions), stage.exported.path) : say.cancelled}
          </span>
          <Button size="sm" look="quiet" onPress={close} data-testid="export-close">
            {say.close}
          </Button>
        </>
      ) : null}
    </div>
  );
}
