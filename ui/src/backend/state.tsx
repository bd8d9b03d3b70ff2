import { createContext, useContext } from "react";
import type { AppState } from "../generated/bindings";

export const AppStateContext = createContext<AppState | null>(null);

/** The state of the app; only below a loaded state. */
export function useAppState(): AppState {
  const state = useContext(AppStateContext);
  if (!state) throw new Error("no state");
  return state;
}

/** Both sides answer and the log is not known to be altered, so a Session could open. */
export function doorsWork(state: AppState): boolean {
  return state.status.log.verdict !== "broken" && state.status.audit === "connected" && state.status.gateway !== "unreachable";
}
