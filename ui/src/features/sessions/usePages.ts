import { useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAction, useBackend, useLoaded } from "../../backend/context";
import type { ForgottenSessionView, SessionView } from "../../generated/bindings";
import { askedOf, type Wanted } from "./filter";

/** Sessions of the filter, page after page. */
export function usePages(wanted: Wanted) {
  const backend = useBackend();
  const now = useServerSeconds(60_000);
  const key = `${wanted.organization}|${wanted.scope}|${wanted.since}`;
  const filter = askedOf(wanted, now);
  const first = useLoaded(() => backend.sessions(filter), key, ["door", "log"]);
  const action = useAction();
  const [more, setMore] = useState<{
    key: string;
    sessions: SessionView[];
    forgotten: ForgottenSessionView[];
    next: string | null;
  } | null>(null);
  const later = more?.key === key ? more : null;
  const next = later ? later.next : (first.value?.next ?? null);
  const load = () =>
    action.run(async () => {
      const page = await backend.sessions({ ...filter, cursor: next });
      setMore({
        key,
        sessions: [...(later?.sessions ?? []), ...page.sessions],
        forgotten: [...(later?.forgotten ?? []), ...page.forgotten],
        next: page.next,
      });
    });
  const known = new Set((first.value?.sessions ?? []).map((one) => one.id));
  const sessions = [...(first.value?.sessions ?? []), ...(later?.sessions ?? []).filter((one) => !known.has(one.id))];
  const gone = new Map([...(first.value?.forgotten ?? []), ...(later?.forgotten ?? [])].map((one) => [one.id, one]));
  return { ...first, sessions, forgotten: [...gone.values()], more: next ? () => void load() : null, moreFault: action.fault };
}
