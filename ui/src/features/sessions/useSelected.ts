import { useEffect, useState } from "react";
import { useBackend, useLoaded } from "../../backend/context";
import type { SessionView } from "../../generated/bindings";

/** Longer than keys are apart: engines refuse an address that changes with each of them. */
const RESTS_MS = 400;

interface Given {
  /** The Session that the link names. */
  id: string;
  shown: SessionView[];
  /** All that was loaded; nothing before. */
  loaded: SessionView[] | null;
  /** Puts the chosen Session into the link. */
  link: (id: string) => void;
}

/** The Session that is chosen. It stands in the link once the choice rests; one of a link may be older than what was loaded. */
export function useSelected({ id, shown, loaded, link }: Given) {
  const backend = useBackend();
  const [picked, setPicked] = useState<string | null>(id || null);
  const [linked, setLinked] = useState(id);
  /** Chosen in the list: where the filter leaves it out, the list's first is chosen in its place. */
  const [here, setHere] = useState(false);
  const pick = (one: string) => {
    setPicked(one);
    setHere(true);
  };
  if (linked !== id) {
    setLinked(id);
    if (id && id !== picked) {
      setPicked(id);
      setHere(false);
    }
  }
  useEffect(() => {
    if (!picked || picked === id) return;
    const timer = setTimeout(() => link(picked), RESTS_MS);
    return () => clearTimeout(timer);
  }, [picked]);
  const missing = !here && loaded !== null && picked !== null && !loaded.some((one) => one.id === picked) ? picked : null;
  const elsewhere = useLoaded(() => (missing ? backend.session(missing) : Promise.resolve(null)), `elsewhere ${missing ?? ""}`);
  const listed = shown.find((one) => one.id === picked);
  // No other stands in the place of one that a link names.
  const selected = listed ?? (missing ? (elsewhere.value?.session ?? null) : (shown[0] ?? null));
  return { picked, pick, selected, fault: missing ? elsewhere.fault : null };
}
