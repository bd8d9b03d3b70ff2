import { useEffect, useState } from "react";
import { faultOf } from "../../backend/backend";
import { useBackend } from "../../backend/context";
import type { RecordingView, UiError } from "../../generated/bindings";
import { isNews, withPart } from "./live";

export interface Watched {
  recording: RecordingView | null;
  /** The person inside cannot see yet who watches. */
  untold: boolean;
  over: boolean;
  fault: UiError | null;
  again: () => void;
}

/** The picture is drawn anew not more often than this. */
const DRAW_MS = 400;
const none = { recording: null, untold: true, over: false, fault: null };
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Resolves once the window can be seen. */
function seen(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
  });
}

/**
 * Watches a Session that runs, as long as it is shown. A window that is hidden asks for nothing: the watch ends by itself, and
 * goes on as another one, with its own entry in the log.
 */
export function useWatched(id: string, on: boolean): Watched {
  const backend = useBackend();
  const [state, setState] = useState<Omit<Watched, "again">>(none);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!on) return;
    let watching = true;
    setState(none);
    const follow = async () => {
      let came = await backend.watchSession(id);
      while (watching) {
        const { part, untold, over } = came;
        setState((old) => ({
          recording: isNews(part) || !old.recording ? withPart(old.recording, part) : old.recording,
          untold,
          over,
          fault: null,
        }));
        if (over) return;
        await wait(DRAW_MS);
        await seen();
        if (watching) came = await backend.watched(id);
      }
    };
    follow().catch((thrown) => watching && setState((old) => ({ ...old, fault: faultOf(thrown) })));
    return () => {
      watching = false;
      void backend.stopWatching(id).catch(() => {});
    };
  }, [backend, id, on, turn]);
  return { ...state, again: () => setTurn((old) => old + 1) };
}
