import { useCallback, useState } from "react";

const KEY = "kept";

/**
 * What was typed and not signed yet, by what it is about. It is in the memory of this window's engine alone, beside the process
 * that shows the page: a page that fails, is left, or stops loses none of it, and nothing that is said of a person or a customer
 * is written to a disk.
 */
function kept(): Record<string, string> {
  try {
    return JSON.parse(window.sessionStorage.getItem(KEY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

/** Whoever signs in next finds nothing of it. */
export function forgetKept() {
  try {
    window.sessionStorage.removeItem(KEY);
  } catch {
    // Without a memory there is nothing to forget.
  }
}

function keep(about: string, text: string) {
  const { [about]: _, ...others } = kept();
  try {
    window.sessionStorage.setItem(KEY, JSON.stringify(text ? { ...others, [about]: text } : others));
  } catch {
    // It is still in its field.
  }
}

/** A text that outlives the page it is typed on. Empty, it is not kept. */
export function useKept(about: string): [string, (text: string) => void] {
  const [text, set] = useState(() => kept()[about] ?? "");
  const write = useCallback(
    (next: string) => {
      keep(about, next);
      set(next);
    },
    [about],
  );
  return [text, write];
}
