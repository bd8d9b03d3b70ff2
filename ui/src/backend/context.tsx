import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import type { Asked, Notice, UiError } from "../generated/bindings";
import { type Backend, faultOf } from "./backend";

export const BackendContext = createContext<Backend | null>(null);

export function useBackend(): Backend {
  const backend = useContext(BackendContext);
  if (!backend) throw new Error("no backend");
  return backend;
}

/** Calls `hear` for notices as long as the component lives. */
export function useNotice(hear: (notice: Notice) => void) {
  const backend = useBackend();
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => backend.listen((notice) => latest.current(notice)), [backend]);
}

/** Calls `hear` for what the shell asks of its pages. */
export function useAsked(hear: (asked: Asked) => void) {
  const backend = useBackend();
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => backend.asked((asked) => latest.current(asked)), [backend]);
}

export interface Loaded<T> {
  value: T | null;
  fault: UiError | null;
  loading: boolean;
  /** When the value was loaded; 0 without one. */
  atMs: number;
  reload: () => void;
}

/** Loads a value, and again after each notice of `kinds`. Old data stays while new data is on its way. */
export function useLoaded<T>(load: () => Promise<T>, key: string, kinds: Notice["kind"][] = []): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; fault: UiError | null; loading: boolean; atMs: number }>({
    key,
    value: null,
    fault: null,
    loading: true,
    atMs: 0,
  });
  const latest = useRef(load);
  latest.current = load;
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = ++turn.current;
    setState((old) => ({ ...(old.key === key ? old : { value: null, fault: null, atMs: 0 }), key, loading: true }));
    latest.current().then(
      (value) => mine === turn.current && setState({ key, value, fault: null, loading: false, atMs: Date.now() }),
      (thrown) => mine === turn.current && setState((old) => ({ ...old, fault: faultOf(thrown), loading: false })),
    );
  }, [key]);
  useEffect(reload, [reload]);
  useNotice((notice) => kinds.includes(notice.kind) && reload());
  return { ...(state.key === key ? state : { value: null, fault: null, loading: true, atMs: 0 }), reload };
}

/** One action at a time, with its fault. While one runs, `run` does nothing: a key held down signs once. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<UiError | null>(null);
  const running = useRef(false);
  const run = useCallback(async <T,>(act: () => Promise<T>, failed?: (fault: UiError) => void): Promise<T | null> => {
    if (running.current) return null;
    running.current = true;
    setBusy(true);
    setFault(null);
    try {
      return await act();
    } catch (thrown) {
      const said = faultOf(thrown);
      setFault(said);
      failed?.(said);
      return null;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { busy, fault, run, clear: () => setFault(null) };
}
