import { useEffect } from "react";
import { useBackend, useLoaded } from "../../backend/context";

const EVERY_MS = 1500;

/** What runs now, asked for again a moment after each answer; not while it is paused, nor in a window that nobody sees. */
export function useRunning(paused: boolean) {
  const backend = useBackend();
  const running = useLoaded(() => backend.runningSessions(null, null), "running", ["door"]);
  const { loading, reload } = running;
  useEffect(() => {
    if (paused || loading) return;
    const again = () => {
      if (!document.hidden) reload();
    };
    const timer = setTimeout(again, EVERY_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [paused, loading, reload]);
  return running;
}
