import { BroadcastIcon } from "@phosphor-icons/react";
import { useCallback, useEffect, useState } from "react";
import type { SessionView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { EndSession } from "../../parts/EndSessions";
import { words } from "../../parts/words";
import type { Index } from "./timeline";
import type { ReplayClock } from "./useClock";

const say = words.watching;

/** A clock that stands at the newest picture until somebody goes elsewhere. */
export function useLiveClock(
  index: Index,
  clock: ReplayClock,
  live: boolean,
): { clock: ReplayClock; following: boolean; follow: () => void } {
  const [following, setFollowing] = useState(true);
  const { stopAt } = clock;
  useEffect(() => {
    if (live && following) stopAt(index.endMs);
  }, [live, following, index, stopAt]);
  const follow = useCallback(() => setFollowing(true), []);
  if (!live) return { clock, following: false, follow };
  const leave =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      setFollowing(false);
      act(...args);
    };
  return { clock: { ...clock, seek: leave(clock.seek), stopAt: leave(clock.stopAt), toggle: leave(clock.toggle) }, following, follow };
}

/** That the Session runs, that whoever is inside sees it, the way back to now, and the way to end it. */
export function Live({ session, following, follow }: { session: SessionView; following: boolean; follow: () => void }) {
  const [told, setTold] = useState("");
  return (
    <span className="row gap-2 push" data-testid="live">
      <span className="tag am" title={say.seen} role="status">
        <BroadcastIcon size={14} aria-hidden="true" />
        {say.live}
      </span>
      {following ? null : (
        <Button look="quiet" size="sm" onPress={follow} data-testid="jump-to-live">
          {say.jump}
        </Button>
      )}
      {told ? (
        <span className="s12 t2" role="status" data-testid="told">
          {told}
        </span>
      ) : (
        <EndSession session={session} size="sm" onDone={setTold} />
      )}
    </span>
  );
}
