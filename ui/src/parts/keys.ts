import { useEffect, useRef } from "react";
import { preferences } from "./preferences";

/** True when a key belongs to a field, not to a shortcut. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable], [role='combobox']") !== null;
}

export const dialogOpen = () => document.querySelector("[role='dialog'], [role='alertdialog']") !== null;

/** Enter presses the button or link that has the focus, whatever it does elsewhere on the page. */
const pressable = (event: KeyboardEvent) =>
  event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest("button, a[href], summary") !== null;

/** Space presses what has the focus, where the page has nothing better to do with it. */
export const notOnButton = (event: KeyboardEvent) =>
  !(event.target instanceof HTMLElement && event.target.closest("button, a[href], summary"));

/** A letter, digit or sign acts by itself only as long as the person wants it to; Space, arrows and the like always do. */
export const actsAlone = (event: { key: string }) => event.key.length > 1 || event.key === " " || preferences().singleKeys;

/** Single keys, which act only when no field has the focus and no dialog is open. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target) || dialogOpen() || !actsAlone(event)) return;
      if (pressable(event)) return;
      const act = latest.current[event.shiftKey && event.key.length > 1 ? `Shift ${event.key}` : event.key];
      if (act) {
        event.preventDefault();
        act(event);
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}

/** Keys held with Ctrl or Cmd, which act everywhere but behind a dialog, once each time they are pressed. */
export function useCommandKeys(keys: Record<string, () => void>) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = (event.shiftKey ? latest.current[`Shift ${key}`] : undefined) ?? latest.current[key];
      if (act) {
        event.preventDefault();
        if (!event.repeat && !dialogOpen()) act();
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}
