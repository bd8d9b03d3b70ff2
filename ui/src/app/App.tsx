import { useEffect } from "react";
import { ClockOffset } from "../backend/clock";
import { useBackend, useLoaded } from "../backend/context";
import { AppStateContext } from "../backend/state";
import { FaultNote } from "../parts/FaultNote";
import { useRoute } from "../parts/route";
import { words } from "../parts/words";
import { Access } from "../screens/Access";
import { Approvals } from "../screens/Approvals";
import { AuditLog } from "../screens/AuditLog";
import { Replay } from "../screens/Replay";
import { RequestAccess } from "../screens/RequestAccess";
import { Sessions } from "../screens/Sessions";
import { SignIn } from "../screens/SignIn";
import { Shell } from "./Shell";

function Page({ page, part }: { page: string; part: string }) {
  switch (page) {
    case "request":
      return <RequestAccess />;
    case "approvals":
      return <Approvals id={part} />;
    case "sessions":
      return <Sessions />;
    case "replay":
      return <Replay key={part} id={part} />;
    case "log":
      return <AuditLog tab={part} />;
    default:
      return <Access />;
  }
}

const titles: Record<string, string> = {
  access: words.access.title,
  request: words.form.title,
  approvals: words.approvals.title,
  sessions: words.sessions.title,
  replay: words.sessions.replay,
  log: words.log.title,
};

/** The window: setting up until the engine is ready, then the pages. */
export function App() {
  const backend = useBackend();
  const state = useLoaded(() => backend.state(), "state", ["state", "log"]);
  const route = useRoute();
  const ready = state.value?.step === "ready";
  useEffect(() => {
    document.title = ready ? `${titles[route.page] ?? words.access.title} · ${words.product}` : words.product;
  }, [ready, route.page]);
  if (!state.value) return state.fault ? <FaultNote fault={state.fault} again={state.reload} /> : null;
  return (
    <AppStateContext value={state.value}>
      <ClockOffset value={state.value.clockOffsetMs}>
        {ready ? (
          <Shell page={route.page}>
            <Page page={route.page} part={route.part} />
          </Shell>
        ) : (
          <SignIn changed={state.reload} />
        )}
      </ClockOffset>
    </AppStateContext>
  );
}
