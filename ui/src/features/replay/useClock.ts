import { useCallback, useEffect, useRef, useState } from "react";
import { advance, type Index } from "./timeline";

export interface ReplayClock {
  atMs: number;
  playing: boolean;
  speed: number;
  skip: boolean;
  /** Counts jumps, so that the player follows them at once. */
  jump: number;
  seek: (atMs: number) => void;
  toggle: () => void;
  /** Stops there. */
  stopAt: (atMs: number) => void;
  setSpeed: (speed: number) => void;
  setSkip: (skip: boolean) => void;
}

const TICK_MS = 100;

/** The clock of a replay. It runs here, outside the engine, so every control works while idle time is skipped. */
export function useReplayClock(index: Index): ReplayClock {
  const [state, setState] = useState({ atMs: index.moments[0]?.atMs ?? index.startMs, jump: 0, playing: false });
  const [speed, setSpeed] = useState(1);
  const [skip, setSkip] = useState(true);
  const last = useRef(0);
  const seek = useCallback(
    (atMs: number) => setState((old) => ({ ...old, atMs: Math.max(index.startMs, Math.min(index.endMs, atMs)), jump: old.jump + 1 })),
    [index],
  );
  const stopAt = useCallback(
    (atMs: number) => {
      setState((old) => ({ ...old, playing: false }));
      seek(atMs);
    },
    [seek],
  );
  const toggle = useCallback(
    () =>
      setState((old) => ({
        atMs: !old.playing && old.atMs >= index.endMs ? index.startMs : old.atMs,
        playing: !old.playing,
        jump: old.jump + 1,
      })),
    [index],
  );
  useEffect(() => {
    if (!state.playing) return;
    last.current = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const passed = now - last.current;
      last.current = now;
      setState((old) => {
        const atMs = advance(index, old.atMs, passed, speed, skip);
        const jumped = atMs - old.atMs > passed * speed + 500;
        return { atMs, playing: atMs < index.endMs, jump: old.jump + (jumped ? 1 : 0) };
      });
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [index, state.playing, speed, skip]);
  return { ...state, speed, skip, seek, toggle, stopAt, setSpeed, setSkip };
}
