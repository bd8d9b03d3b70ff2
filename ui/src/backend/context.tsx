import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import type { Notice, UiError } from "../generated/bindings";
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

export interface Loaded<T> {
  value: T | null;
  fault: UiError | null;
  loading: boolean;
  reload: () => void;
}

/** Loads a value, and again after each notice of `kinds`. Old data stays while new data is on its way. */
export function useLoaded<T>(load: () => Promise<T>, key: string, kinds: Notice["kind"][] = []): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; fault: UiError | null; loading: boolean }>({
    key,
    value: null,
    fault: null,
    loading: true,
  });
  const latest = useRef(load);
  latest.current = load;
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = ++turn.current;
    setState((old) => ({ ...(old.key === key ? old : { value: null, fault: null }), key, loading: true }));
    latest.current().then(
      (value) => mine === turn.current && setState({ key, value, fault: null, loading: false }),
      (thrown) => mine === turn.current && setState((old) => ({ ...old, fault: faultOf(thrown), loading: false })),
    );
  }, [key]);
  useEffect(reload, [reload]);
  useNotice((notice) => kinds.includes(notice.kind) && reload());
  return { ...(state.key === key ? state : { value: null, fault: null, loading: true }), reload };
}

/** One action at a time, with its fault. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<UiError | null>(null);
  const run = useCallback(async <T,>(act: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    setFault(null);
    try {
      return await act();
    } catch (thrown) {
      setFault(faultOf(thrown));
      return null;
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, fault, run, clear: () => setFault(null) };
}
