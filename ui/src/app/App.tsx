import { Suspense, useEffect } from "react";
import { ClockOffset } from "../backend/clock";
import { useAsked, useBackend, useLoaded } from "../backend/context";
import { AppStateContext } from "../backend/state";
import { Quit } from "../features/shell/Quit";
import { showTheme } from "../features/shell/theme";
import { Boundary } from "../parts/Boundary";
import { FaultNote } from "../parts/FaultNote";
import { forgetKept } from "../parts/kept";
import { RecoveryCodes } from "../parts/RecoveryCodes";
import { go, useRoute } from "../parts/route";
import { words } from "../parts/words";
import { SignIn } from "../screens/SignIn";
import { Inside, loadAllSoon } from "./coming";

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
  const outside = state.value !== null && !ready;
  useAsked((asked) => {
    if (asked.kind === "page") go(asked.page);
    if (asked.kind === "theme") showTheme(asked.theme);
  });
  useEffect(() => {
    document.title = ready ? `${titles[route.page] ?? words.access.title} · ${words.product}` : words.product;
  }, [ready, route.page]);
  useEffect(loadAllSoon, []);
  useEffect(() => {
    if (outside) forgetKept();
  }, [outside]);
  if (!state.value) return state.fault ? <FaultNote fault={state.fault} again={state.reload} /> : null;
  return (
    <AppStateContext value={state.value}>
      <ClockOffset value={state.value.clockOffsetMs}>
        <RecoveryCodes>
          {ready ? (
            <Boundary at={state.value.step}>
              <Suspense>
                <Inside route={route} />
              </Suspense>
            </Boundary>
          ) : (
            <Boundary at={state.value.step}>
              <SignIn changed={state.reload} />
            </Boundary>
          )}
        </RecoveryCodes>
        <Quit />
      </ClockOffset>
    </AppStateContext>
  );
}
