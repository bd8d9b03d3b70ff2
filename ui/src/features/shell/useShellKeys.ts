import { useEffect, useRef } from "react";
import { actsAlone, dialogOpen, typing, useCommandKeys, useKeys } from "../../parts/keys";
import { go } from "../../parts/route";
import { pagesFor } from "./commands";

const SEQUENCE_MS = 1200;

/** G, then a letter, goes to a page; heard before the page's own single keys. */
function useSequences(approves: boolean, reviews: boolean) {
  useEffect(() => {
    const pages = new Map(pagesFor(approves, reviews).map(([page, , letter]) => [letter.toLowerCase(), page]));
    let armed = 0;
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialogOpen() || !actsAlone(event)) return;
      const page = event.timeStamp - armed < SEQUENCE_MS && armed > 0 ? pages.get(event.key) : undefined;
      armed = event.key === "g" ? event.timeStamp : 0;
      if (page) {
        event.preventDefault();
        event.stopPropagation();
        go(page);
      }
    };
    window.addEventListener("keydown", hear, { capture: true });
    return () => window.removeEventListener("keydown", hear, { capture: true });
  }, [approves, reviews]);
}

/** F1, F10, a press of Alt alone, and the way back: keys that are no letters, heard in fields too. */
function useNamedKeys(keys: { onHelp: () => void; onMenu: () => void }) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let alone = false;
    const down = (event: KeyboardEvent) => {
      alone = event.key === "Alt" && !event.repeat && !event.ctrlKey && !event.shiftKey && !event.metaKey;
      if (dialogOpen()) return;
      const back = (event.altKey && event.key === "ArrowLeft") || (event.metaKey && event.key === "[");
      const act = back
        ? () => window.history.back()
        : { F1: latest.current.onHelp, F10: latest.current.onMenu }[event.ctrlKey || event.metaKey || event.shiftKey ? "" : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key === "Alt" && alone && !dialogOpen()) {
        event.preventDefault();
        latest.current.onMenu();
      }
      alone = false;
    };
    const press = () => {
      alone = false;
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("pointerdown", press);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("pointerdown", press);
    };
  }, []);
}

interface Keys {
  approves: boolean;
  reviews: boolean;
  onFind: () => void;
  onHelp: () => void;
  onMenu: () => void;
}

/** The keys that act on every page. */
export function useShellKeys({ approves, reviews, onFind, onHelp, onMenu }: Keys) {
  useSequences(approves, reviews);
  useNamedKeys({ onHelp, onMenu });
  useCommandKeys({ k: onFind, n: () => go("request"), ",": () => go("settings") });
  useKeys({ "?": onHelp });
}
