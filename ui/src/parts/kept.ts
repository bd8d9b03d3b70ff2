import { useCallback, useState } from "react";

/**
 * What was typed and not signed yet, by what it is about. It is in this window's memory alone: a page that fails, or is left, loses
 * none of it, and nothing that is said of a person or a customer is written to a disk.
 */
const kept = new Map<string, string>();

/** Whoever signs in next finds nothing of it. */
export const forgetKept = () => kept.clear();

/** A text that outlives the page it is typed on. Empty, it is not kept. */
export function useKept(about: string): [string, (text: string) => void] {
  const [text, set] = useState(() => kept.get(about) ?? "");
  const write = useCallback(
    (next: string) => {
      if (next) kept.set(about, next);
      else kept.delete(about);
      set(next);
    },
    [about],
  );
  return [text, write];
}
