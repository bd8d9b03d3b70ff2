import type { KeyboardEvent } from "react";
import { actsAlone } from "../../parts/keys";

/** In a group that has the focus a digit chooses: the first, the second, and so on, of those that can be chosen. */
export function byDigit(values: readonly string[], open: (value: string) => boolean, choose: (value: string) => void) {
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key) || !actsAlone(event)) return;
    const value = values[Number(event.key) - 1];
    if (value === undefined || !open(value)) return;
    event.preventDefault();
    choose(value);
    event.currentTarget.querySelector<HTMLElement>(`input[value="${value}"]`)?.focus();
  };
}
