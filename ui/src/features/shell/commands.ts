import { useBackend } from "../../backend/context";
import type { Theme } from "../../generated/bindings";
import { go } from "../../parts/route";
import { words } from "../../parts/words";
import { showTheme } from "./theme";

/** What can be done from the menu, from the palette, and by its keys: the same in all three. */
export interface Command {
  id: string;
  name: string;
  /** Pressed together when it begins with Ctrl, one after the other otherwise. */
  keys?: string;
  group: "do" | "go" | "show" | "help";
  run: () => void;
}

/** A page, its name, and the letter that goes to it after G. */
export function pagesFor(approves: boolean, reviews: boolean): [string, string, string][] {
  const all: [string, string, string][] = [
    ["access", words.nav.access, "A"],
    ["approvals", words.nav.approvals, "P"],
    ["live", words.nav.live, "L"],
    ["sessions", words.nav.sessions, "S"],
    ["policy", words.nav.policy, "Y"],
    ["log", words.nav.log, "U"],
  ];
  return all.filter(([page]) => (approves || page !== "approvals") && (reviews || page !== "live"));
}

interface Doing {
  approves: boolean;
  reviews: boolean;
  onFind: () => void;
  onHelp: () => void;
  onSignOut: () => void;
}

export function useCommands({ approves, reviews, onFind, onHelp, onSignOut }: Doing): Command[] {
  const backend = useBackend();
  const say = words.palette;
  const theme = (theme: Theme) => () => {
    showTheme(theme);
    // It is used even where it cannot be kept.
    void backend.setTheme(theme).catch(() => {});
  };
  return [
    { id: "do:request", group: "do", name: words.access.request, keys: "Ctrl N", run: () => go("request") },
    { id: "do:find", group: "do", name: words.nav.find, keys: "Ctrl K", run: onFind },
    ...pagesFor(approves, reviews).map(([page, name, letter]): Command => ({
      id: `go:${page}`,
      group: "go",
      name: say.goTo(name),
      keys: `G ${letter}`,
      run: () => go(page),
    })),
    { id: "go:settings", group: "go", name: say.goTo(words.settings.title), keys: "Ctrl ,", run: () => go("settings") },
    { id: "do:back", group: "go", name: say.back, keys: "Alt ←", run: () => window.history.back() },
    ...(["light", "dark", "system"] as const).map((one): Command => ({
      id: `theme:${one}`,
      group: "show",
      name: say.theme[one],
      run: theme(one),
    })),
    { id: "do:sign-out", group: "do", name: words.nav.signOut, run: onSignOut },
    { id: "do:help", group: "help", name: words.help.title, keys: "F1", run: onHelp },
  ];
}
