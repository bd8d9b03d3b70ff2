import { EyeSlashIcon } from "@phosphor-icons/react";
import { type ReactNode, useEffect } from "react";
import { ClockOffset } from "../backend/clock";
import { useAsked, useBackend, useLoaded } from "../backend/context";
import { AppStateContext, useAppState } from "../backend/state";
import { Quit } from "../features/shell/Quit";
import { showTheme } from "../features/shell/theme";
import { Boundary } from "../parts/Boundary";
import { Empty } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { Offline } from "../parts/Offline";
import { RecoveryCodes } from "../parts/RecoveryCodes";
import { go, type Route, useRoute } from "../parts/route";
import { words } from "../parts/words";
import { Access } from "../screens/Access";
import { Approvals } from "../screens/Approvals";
import { AuditLog } from "../screens/AuditLog";
import { Live } from "../screens/Live";
import { Policy } from "../screens/Policy";
import { Replay } from "../screens/Replay";
import { RequestAccess } from "../screens/RequestAccess";
import { Sessions } from "../screens/Sessions";
import { Settings } from "../screens/Settings";
import { SignIn } from "../screens/SignIn";
import { Shell } from "./Shell";

/** Whoever approves nothing may still look at a request of their own by its link. */
function MayApprove({ id, children }: { id: string; children: ReactNode }) {
  const { person } = useAppState();
  const approves = person?.roles.some((role) => role === "approver" || role === "administrator") ?? false;
  if (approves || id) return children;
  return (
    <>
      <header className="head rule">
        <h1>{words.approvals.title}</h1>
      </header>
      <Empty icon={<EyeSlashIcon size={20} />} title={words.approvals.mayNot} note={words.approvals.mayNotNote} />
    </>
  );
}

function Page({ page, part, query }: Route) {
  switch (page) {
    case "request":
      return <RequestAccess key={query.toString()} />;
    case "approvals":
      return (
        <>
          <Offline />
          <MayApprove id={part}>
            <Approvals id={part} />
          </MayApprove>
        </>
      );
    case "live":
      return <Live />;
    case "sessions":
      return <Sessions id={part} query={query} />;
    case "replay":
      return <Replay key={part} id={part} />;
    case "policy":
      return <Policy />;
    case "settings":
      return <Settings part={part} />;
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
  live: words.live.title,
  sessions: words.sessions.title,
  replay: words.sessions.replay,
  log: words.log.title,
  policy: words.policy.title,
  settings: words.settings.title,
};

/** The window: setting up until the engine is ready, then the pages. */
export function App() {
  const backend = useBackend();
  const state = useLoaded(() => backend.state(), "state", ["state", "log", "sign-in"]);
  const route = useRoute();
  const ready = state.value?.step === "ready";
  useAsked((asked) => {
    if (asked.kind === "page") go(asked.page);
    if (asked.kind === "theme") showTheme(asked.theme);
  });
  useEffect(() => {
    document.title = ready ? `${titles[route.page] ?? words.access.title} · ${words.product}` : words.product;
  }, [ready, route.page]);
  if (!state.value) return state.fault ? <FaultNote fault={state.fault} again={state.reload} /> : null;
  return (
    <AppStateContext value={state.value}>
      <ClockOffset value={state.value.clockOffsetMs}>
        <RecoveryCodes>{ready ? (
          <Shell page={route.page}>
            <Boundary at={`${route.page}/${route.part}`}>
              <Page page={route.page} part={route.part} query={route.query} />
            </Boundary>
          </Shell>
        ) : (
          <Boundary at={state.value.step}>
            <SignIn changed={state.reload} />
          </Boundary>
        )}</RecoveryCodes>
        <Quit />
      </ClockOffset>
    </AppStateContext>
  );
}
