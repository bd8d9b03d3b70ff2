import { useEffect, useRef } from "react";

const ears = new Set<(text: string) => void>();

/** Tells a sentence on whatever page the person is by then. Nothing has to be done about it. */
export function tellInPassing(text: string) {
  ears.forEach((hear) => hear(text));
}

/** Hears what is told in passing, as long as the component lives. */
export function useTold(hear: (text: string) => void) {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => {
    const one = (text: string) => latest.current(text);
    ears.add(one);
    return () => void ears.delete(one);
  }, []);
}
