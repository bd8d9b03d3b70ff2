import { type ReactNode, useEffect, useState } from "react";
import { useBackend, useLoaded, useNotice } from "../backend/context";
import { useAppState } from "../backend/state";
import { Nav } from "../features/shell/Nav";
import { Palette } from "../features/shell/Palette";
import { StatusBar } from "../features/shell/StatusBar";
import { dialogOpen, typing, useCommandKeys } from "../parts/keys";
import { go } from "../parts/route";

const SEQUENCE_MS = 1200;
const pages: Record<string, string> = { a: "access", p: "approvals", s: "sessions", u: "log" };

/** G, then a letter, goes to a page; heard before the page's own single keys. */
function useSequences() {
  useEffect(() => {
    let armed = 0;
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialogOpen()) return;
      const page = event.timeStamp - armed < SEQUENCE_MS && armed > 0 ? pages[event.key] : undefined;
      armed = event.key === "g" ? event.timeStamp : 0;
      if (page) {
        event.preventDefault();
        go(page);
      }
    };
    window.addEventListener("keydown", hear, { capture: true });
    return () => window.removeEventListener("keydown", hear, { capture: true });
  }, []);
}

function useToast() {
  const [text, setText] = useState("");
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
  const { person } = useAppState();
  const approves = person?.roles.some((role) => role === "approver" || role === "administrator") ?? false;
  const mine = useLoaded(() => backend.requests("mine"), "mine", ["requests", "door"]);
  const inbox = useLoaded(() => (approves ? backend.requests("inbox") : Promise.resolve([])), `inbox${approves}`, ["requests"]);
  const administers = person?.roles.includes("administrator") ?? false;
  const pending = useLoaded(() => (administers ? backend.enrolments() : Promise.resolve([])), `enrolments${administers}`, ["enrolments"]);
  const [finding, setFinding] = useState(false);
  const toast = useToast();
  useSequences();
  useCommandKeys({ k: () => setFinding(true), n: () => go("request") });
  const wide = useWide();
  const narrow = page === "replay" || !wide;
  const open = (mine.value ?? []).filter((one) => one.state === "open" || one.state === "approved").length;
  const waiting = (inbox.value ?? []).filter((one) => one.decidable).length + (pending.value ?? []).length;
  const shown = page === "replay" ? "sessions" : page === "request" ? "access" : page;
  return (
    <div className={narrow ? "app narrow" : "app"}>
      <Nav page={shown} narrow={narrow} openCount={open} inboxCount={waiting} onFind={() => setFinding(true)} />
      <main>{children}</main>
      <StatusBar />
      <Palette open={finding} onClose={() => setFinding(false)} approves={approves} />
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
