import { useEffect } from "react";
import { dialogOpen } from "./keys";

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary, [tabindex='0']";
const last = new WeakMap<Element, HTMLElement>();

const shown = (element: HTMLElement) => element.getClientRects().length > 0 || !element.checkVisibility || element.checkVisibility();

/** The innermost panes of the window, in reading order. */
function panes(): HTMLElement[] {
  const all = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter(shown);
  return all.filter((one) => !all.some((other) => other !== one && one.contains(other)));
}

/** Where the focus stood in the pane, or its first place, or the pane itself, so that arrows move what it shows. */
function enter(pane: HTMLElement) {
  if (pane.matches(FOCUSABLE)) return pane.focus();
  const before = last.get(pane);
  const places = [
    before,
    pane.querySelector<HTMLElement>("[aria-current], [aria-selected='true']"),
    ...pane.querySelectorAll<HTMLElement>(FOCUSABLE),
  ];
  for (const place of places) {
    if (!place || !pane.contains(place) || !shown(place)) continue;
    place.focus();
    if (document.activeElement === place) return;
  }
  pane.tabIndex = -1;
  pane.focus();
}

/** F6 and Shift F6 go from pane to pane; a pane remembers where the focus stood in it. */
export function usePanes() {
  useEffect(() => {
    const remember = (event: FocusEvent) => {
      const target = event.target as HTMLElement;
      const pane = target.closest("[data-pane]");
      if (pane && pane !== target) last.set(pane, target);
    };
    const hear = (event: KeyboardEvent) => {
      if (event.key !== "F6" || event.ctrlKey || event.metaKey || event.altKey || dialogOpen()) return;
      event.preventDefault();
      const all = panes();
      const at = all.findIndex((pane) => pane.contains(document.activeElement));
      const next = event.shiftKey ? (at < 0 ? all.length : at) - 1 : at + 1;
      const pane = all[(next + all.length) % all.length];
      if (pane) enter(pane);
    };
    window.addEventListener("keydown", hear);
    document.addEventListener("focusin", remember);
    return () => {
      window.removeEventListener("keydown", hear);
      document.removeEventListener("focusin", remember);
    };
  }, []);
}
