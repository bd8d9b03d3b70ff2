import { type ReactNode, useEffect, useState } from "react";
import { useBackend, useLoaded, useNotice } from "../backend/context";
import { useAppState } from "../backend/state";
import { openable } from "../features/grants/order";
import { AppMenu } from "../features/shell/AppMenu";
import { useCommands } from "../features/shell/commands";
import { Help } from "../features/shell/Help";
import { Nav } from "../features/shell/Nav";
import { Palette } from "../features/shell/Palette";
import { useSignOut } from "../features/shell/SignOut";
import { StatusBar } from "../features/shell/StatusBar";
import { useKnown } from "../features/shell/useKnown";
import { useOversight } from "../features/shell/useOversight";
import { useShellKeys } from "../features/shell/useShellKeys";
import { useToOpen } from "../features/shell/useToOpen";
import type { RequestView } from "../generated/bindings";
import { holds } from "../parts/holds";
import { OpenedAgain } from "../parts/OpenedAgain";
import { usePanes } from "../parts/panes";
import { useTold } from "../parts/passing";
import { words } from "../parts/words";

type Layer = "palette" | "menu" | "help" | null;
const none: RequestView[] = [];

function useToast() {
  const [text, setText] = useState("");
  useTold(setText);
  useNotice((notice) => (notice.kind === "requests" || notice.kind === "second-factor") && notice.text && setText(notice.text));
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => setText(""), 8000);
    return () => clearTimeout(timer);
  }, [text]);
  return text;
}

/** Navigation, the page, and the status bar. */
export function Shell({ page, children }: { page: string; children: ReactNode }) {
  const backend = useBackend();
  const { person, operator } = useAppState();
  const approves = holds(person, "approver", "administrator");
  const mine = useLoaded(() => backend.requests("mine"), "mine", ["requests", "door"]);
  const inbox = useLoaded(() => (approves ? backend.requests("inbox") : Promise.resolve([])), `inbox${approves}`, ["requests"]);
  const reviews = holds(person, "reviewer");
  const oversight = useOversight(reviews);
  const toOpen = useToOpen();
  const administers = holds(person, "administrator");
  const pending = useLoaded(() => (administers ? backend.enrolments() : Promise.resolve([])), `enrolments${administers}`, ["enrolments"]);
  const [layer, show] = useState<Layer>(null);
  const found = useKnown(layer === "palette", approves, mine.value ?? none, inbox.value ?? none);
  const toast = useToast();
  const signOut = useSignOut();
  const [find, help] = [() => show("palette"), () => show("help")];
  // A reviewer goes there when there is something to countersign.
  const signs = approves || toOpen > 0 || (reviews && page === "approvals");
  const commands = useCommands({ approves: signs, reviews, onFind: find, onHelp: help, onSignOut: signOut.press });
  useShellKeys({ approves: signs, reviews, onFind: find, onHelp: help, onMenu: () => show("menu") });
  usePanes();
  const wide = useWide();
  const narrow = page === "replay" || !wide;
  const open = (mine.value ?? []).filter(openable).length;
  const waiting = (inbox.value ?? []).filter((one) => one.decidable).length + (pending.value ?? []).length + toOpen;
  const shown = page === "replay" ? "sessions" : page === "request" ? "access" : page;
  return (
    <div className={narrow ? "app narrow" : "app"}>
      <Nav
        page={shown}
        signs={signs}
        narrow={narrow}
        openCount={open}
        inboxCount={waiting}
        liveCount={oversight.live}
        dueCount={oversight.due}
        onFind={find}
        menu={
          <AppMenu
            commands={commands}
            open={layer === "menu"}
            onOpenChange={(is) => show((now) => (is ? "menu" : now === "menu" ? null : now))}
          />
        }
      />
      <main data-pane="page">
        <OpenedAgain text={words.again.page} />
        {children}
      </main>
      <StatusBar />
      <Palette open={layer === "palette"} {...found} commands={commands} onClose={() => show(null)} />
      <Help open={layer === "help"} operator={operator} onClose={() => show(null)} />
      {signOut.question}
      <div role="status" aria-live="polite">
        {toast ? <div className="toast">{toast}</div> : null}
      </div>
    </div>
  );
}

function useWide(): boolean {
  const [wide, setWide] = useState(() => window.innerWidth >= 1024);
  useEffect(() => {
    const measure = () => setWide(window.innerWidth >= 1024);
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  return wide;
}
