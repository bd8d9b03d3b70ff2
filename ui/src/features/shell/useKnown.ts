import { useMemo, useRef } from "react";
import { everySession } from "../../backend/backend";
import { useBackend, useLoaded } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { RequestView } from "../../generated/bindings";
import type { Known } from "./options";
import { holds } from "../../parts/holds";

/** What the palette finds in: asked for when it opens, and what was known before stays until the answer is here. */
export function useKnown(open: boolean, approves: boolean, mine: RequestView[], inbox: RequestView[]): { known: Known; partly: boolean } {
  const backend = useBackend();
  const { person } = useAppState();
  const reviews = holds(person, "reviewer");
  const organizations = useLoaded(() => (open ? backend.organizations() : Promise.resolve(null)), `known organizations ${open}`);
  const decided = useLoaded(() => (open && approves ? backend.requests("decided") : Promise.resolve(null)), `known decided ${open}`);
  const sessions = useLoaded(() => (open ? backend.sessions(everySession) : Promise.resolve(null)), `known sessions ${open}`);
  const before = useRef({ organizations: organizations.value, decided: decided.value, sessions: sessions.value });
  const latest = {
    organizations: organizations.value ?? before.current.organizations,
    decided: decided.value ?? before.current.decided,
    sessions: sessions.value ?? before.current.sessions,
  };
  before.current = latest;
  const known = useMemo(
    () => ({
      reviews,
      organizations: latest.organizations ?? [],
      mine,
      others: [...inbox, ...(latest.decided ?? []).filter((one) => !one.mine)],
      sessions: latest.sessions?.sessions ?? [],
    }),
    [latest.organizations, latest.decided, latest.sessions, mine, inbox, reviews],
  );
  return { known, partly: [organizations, decided, sessions].some((one) => one.fault !== null) };
}
