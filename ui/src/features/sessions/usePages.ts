import { useMemo, useRef, useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAction, useBackend, useLoaded } from "../../backend/context";
import type { ForgottenSessionView, SessionPage, SessionView } from "../../generated/bindings";
import { askedOf, queryOf, type Wanted } from "./filter";

/**
 * What came before stays under a newer beginning of the list: a Session that opens pushes none out of it. The order is the
 * service's; times are of several clocks, and none is compared.
 */
export function joined(newest: SessionView[], before: SessionView[]): SessionView[] {
  if (before.length === 0) return newest;
  const known = new Set(newest.map((one) => one.id));
  // What stood in front of its last and is not in it any more fits the filter no longer.
  const last = before.findIndex((one) => one.id === newest.at(-1)?.id);
  return [...newest, ...before.slice(last + 1).filter((one) => !known.has(one.id))];
}

/** The page under this key; while the same list comes in another order, the one that was there before. */
function useKept(page: SessionPage | null, failed: boolean, list: string) {
  const kept = useRef<{ list: string; page: SessionPage | null }>({ list, page: null });
  const before = kept.current.list === list && !failed ? kept.current.page : null;
  if (page || kept.current.list !== list) kept.current = { list, page };
  return { value: page ?? before, waiting: page === null && before !== null };
}

/** Sessions of the filter, page after page. */
export function usePages(wanted: Wanted) {
  const backend = useBackend();
  const now = useServerSeconds(60_000);
  const key = queryOf(wanted);
  const filter = askedOf(wanted, now);
  const first = useLoaded(() => backend.sessions(filter), `sessions ${key}`, ["door", "log"]);
  const { value, waiting } = useKept(first.value, first.fault !== null, queryOf({ ...wanted, order: "newest" }));
  const action = useAction();
  const [later, setLater] = useState<{
    key: string;
    sessions: SessionView[];
    forgotten: ForgottenSessionView[];
    looked: number;
    next: string | null;
  } | null>(null);
  const before = useRef<{ key: string; sessions: SessionView[] }>({ key, sessions: [] });
  const mine = later?.key === key ? later : null;
  const sessions = useMemo(() => {
    const page = value?.sessions ?? [];
    // Only what was loaded page by page can stand behind the newest page; a short list is as the service says it is.
    const kept = mine && before.current.key === key ? before.current.sessions : [];
    return mine ? joined(joined(page, kept), mine.sessions) : page;
  }, [value, mine, key]);
  before.current = { key, sessions };
  const next = waiting ? null : mine ? mine.next : (value?.next ?? null);
  const load = () =>
    action.run(async () => {
      const page = await backend.sessions({ ...filter, cursor: next });
      setLater({
        key,
        sessions: [...(mine?.sessions ?? []), ...page.sessions],
        forgotten: [...(mine?.forgotten ?? []), ...page.forgotten],
        looked: (mine?.looked ?? 0) + (page.looked ?? 0),
        next: page.next,
      });
    });
  const gone = new Map([...(value?.forgotten ?? []), ...(mine?.forgotten ?? [])].map((one) => [one.id, one]));
  const pageLength = value?.sessions.length ?? 0;
  return {
    ...first,
    value,
    /** What is shown is in the order that was asked for before. */
    waiting,
    sessions,
    forgotten: [...gone.values()],
    pageLength,
    /** As many as were looked through for a text. */
    looked: (value?.looked ?? 0) + (mine?.looked ?? 0),
    more: next ? () => void load() : null,
    moreBusy: action.busy,
    moreFault: action.fault,
  };
}
