import { useEffect, useRef } from "react";
import { useBackend, useLoaded } from "../../backend/context";

const EVERY_MS = 1500;

/** What runs now, asked for again and again; not while an answer is waited for, while it is paused, nor in a window that nobody sees. */
export function useRunning(paused: boolean) {
  const backend = useBackend();
  const running = useLoaded(() => backend.runningSessions(null, null), "running", ["door"]);
  const { reload } = running;
  const waiting = useRef(running.loading);
  waiting.current = running.loading;
  useEffect(() => {
    if (paused) return;
    const again = () => {
      if (!document.hidden && !waiting.current) reload();
    };
    const timer = setInterval(again, EVERY_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [paused, reload]);
  return running;
}
