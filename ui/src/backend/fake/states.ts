import type { RequestView } from "../../generated/bindings";
import { door } from "./oversight";
import { changed } from "./recording";
import { inbox, NOW, organizations, request, signature } from "./samples";
import { long, offline, type Story } from "./story";
import { away, type World } from "./world";

const failing = (call: string) => (world: World) => {
  world.faults[call] = away;
};
const waiting = (call: string) => (world: World) => {
  world.never.push(call);
};
const step = (next: World["state"]["step"]) => (world: World) => {
  world.state.step = next;
  if (next === "sign-in" || next === "join") world.state.person = null;
  if (next === "join") Object.assign(world.state, { operator: "", logKey: "", device: null });
};
const forbidden = {
  code: "missing-role",
  message: "Entries are for security reviewers.",
  next: "You can still check that the log is intact. Ask Ines Carvalho what an entry says.",
};
const open = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    request({
      organization: organizations[at % organizations.length] ?? { id: "o", name: "O" },
      id: `grant-${at}`,
      state: at % 3 === 0 ? "approved" : "open",
      ticket: `KP-48${100 + at}`,
      scope: ["diagnostics", "read", "read-write", "administer"][at % 4] ?? "read",
      mine: true,
      decidable: false,
      openHere: true,
      session: `S-${at}`,
      sessionEndsAt: NOW + 40 + at * 190,
      durationSeconds: 3600,
    }),
  );

/** The oldest request that waits, and what became of it while somebody was on its page. */
const became = (change: Partial<RequestView>): Story => ({
  page: `approvals/${inbox[0]?.id}`,
  person: "tomasz",
  change: (world) => {
    const [one] = world.inbox.splice(0, 1);
    if (one) world.decided.unshift({ ...one, decidable: false, ...change });
  },
});

/** What else each screen may have to show, beside its usual states. */
export const states: Record<string, Story> = {
  "start-failed": { page: "", person: "mara", change: failing("state") },
  "join-refused": { page: "", person: "mara", change: step("join"), steps: [["join-text", "not a file"], ["join"]] },
  "sign-in-waiting": { page: "", person: "mara", change: step("sign-in"), steps: [["sign-in"]] },
  "code-wrong": { page: "", person: "mara", change: step("code"), steps: [["code-field", "000000"], ["enter-code"]] },
  "code-lost": { page: "", person: "mara", change: step("code"), steps: [["lost-app"]] },
  "second-factor-wrong": {
    page: "",
    person: "mara",
    change: step("second-factor"),
    steps: [["code-field", "000000"], ["confirm-second-factor"]],
  },
  "recovery-codes": {
    page: "",
    person: "mara",
    change: step("second-factor"),
    steps: [["code-field", "419877"], ["confirm-second-factor"]],
  },
  "access-one": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.mine = world.mine.slice(0, 1);
    },
  },
  "access-many": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.mine = [...open(20), ...world.mine.slice(2)];
      world.doors = world.mine.filter((one) => one.openHere).map((one) => ({ ...door, request: one.id, session: one.session ?? "" }));
    },
  },
  "access-ending": { page: "access", person: "mara", steps: [["end-session"]] },
  "access-withdrawing": { page: "access", person: "mara", steps: [["withdraw-grant"]] },
  "access-asking": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.needsCode = true;
    },
    steps: [["open-session"]],
  },
  "access-refused": { page: "access", person: "mara", change: failing("withdraw"), steps: [["withdraw"]] },
  "request-empty": { page: "request", person: "mara" },
  "request-loading": { page: "request", person: "mara", change: waiting("organizations") },
  "request-failed": { page: "request", person: "mara", change: failing("organizations") },
  "request-offline": { page: "request?organization=kinloch-hotels&ticket=KP-48221", person: "mara", change: offline },
  "request-unfinished": { page: "request", person: "mara", steps: [["sign-request"]] },
  "request-duplicate": { page: "request?organization=delmar-foods&scope=read-write&ticket=KP-48213", person: "mara" },
  "request-hatched": { page: "request?organization=delmar-foods&reason=legal-disclosure&scope=read-write", person: "mara" },
  "request-long": { page: "request?organization=kinloch-hotels&ticket=KP-48221-ESCALATED", person: "mara", change: long },
  "approvals-forbidden": { page: "approvals", person: "mara" },
  "approvals-loading": { page: "approvals", person: "tomasz", change: waiting("requests") },
  "approvals-list-failed": { page: "approvals", person: "tomasz", change: failing("requests") },
  "approvals-request-failed": { page: "approvals", person: "tomasz", change: failing("request") },
  "approvals-offline": { page: "approvals", person: "tomasz", change: offline },
  "approvals-gone": { page: "approvals/nothing-like-it", person: "tomasz" },
  "approvals-taken": became({ state: "approved", right: [signature("Ben Okafor", NOW - 100, "approve")], until: NOW + 14_300 }),
  "approvals-withdrawn": became({ state: "withdrawn" }),
  "approvals-signing": {
    page: "approvals",
    person: "tomasz",
    change: waiting("approve"),
    steps: [["code-field", "419877"], ["countersign"], ["going"]],
  },
  "approvals-decided": { page: "approvals", person: "tomasz", steps: [["view-decided"]] },
  "approvals-denying": { page: "approvals", person: "tomasz", steps: [["deny"]] },
  "approvals-wrong-code": { page: "approvals", person: "tomasz", steps: [["code-field", "000000"], ["countersign"]] },
  "approvals-signed": { page: "approvals", person: "tomasz", steps: [["code-field", "419877"], ["countersign"]] },
  "approvals-revoking": { page: "approvals", person: "tomasz", steps: [["view-decided"], ["revoke"]] },
  "approvals-enrolling": {
    page: "approvals",
    person: "ben",
    change: (world) => {
      world.enrolments = [
        { person: "rui", name: "Rui Tanaka", device: "dev-rui", keyShort: "a91f 03de", since: NOW - 300, check: "checks-out" },
        { person: "eve", name: "Rui Tanaka", device: "dev-eve", keyShort: "19af 30ed", since: NOW - 200, check: "does-not-match" },
      ];
    },
    steps: [["enrol"]],
  },
  "replay-loading": { page: "replay/S-90398", person: "ines", change: waiting("session") },
  "replay-opening": { page: "replay/S-90398", person: "ines", change: waiting("recording") },
  "replay-failed": { page: "replay/S-90398", person: "ines", change: failing("session") },
  "replay-gone": { page: "replay/S-00000", person: "ines" },
  "replay-offline": { page: "replay/S-90398", person: "ines", change: offline },
  "replay-too-large": {
    page: "replay/S-90398",
    person: "ines",
    change: (world) => {
      world.faults.recording = {
        code: "recording-too-large",
        message: "This recording is too large to replay here.",
        next: "Save its evidence and read it with the verifier.",
      };
    },
  },
  "replay-difference": { page: "replay/S-90398", person: "ines", steps: [["view-requests"], [`request-${changed}`]] },
  "replay-requests": { page: "replay/S-90398", person: "ines", steps: [["view-requests"]] },
  "replay-reviewing": { page: "replay/S-90398", person: "ines", steps: [["mark-reviewed"]] },
  "replay-reviewing-read": { page: "replay/S-90398", person: "ines", steps: [["next-finding"], ["mark-reviewed"]] },
  "replay-review-failed": {
    page: "replay/S-90398",
    person: "ines",
    change: failing("review"),
    steps: [["mark-reviewed"], ["sign-review"]],
  },
  "replay-reviewed": { page: "replay/S-90398", person: "ines", steps: [["mark-reviewed"], ["sign-review"]] },
  "replay-saved": { page: "replay/S-90398", person: "ines", steps: [["make-evidence"]] },
  "replay-save-failed": { page: "replay/S-90398", person: "ines", change: failing("makeEvidence"), steps: [["make-evidence"]] },
  "log-first": {
    page: "log",
    person: "ines",
    change: (world) => {
      Object.assign(world.state.status.log, {
        verdict: "waiting",
        checkedAt: null,
        size: 0,
        root: "",
        words: [],
        checkpoints: [],
        witnesses: [],
      });
    },
  },
  "log-day": {
    page: "log",
    person: "ines",
    change: (world) => {
      Object.assign(world.state.status.log, { verdict: "waiting", checkedAt: NOW - 90_000 });
      offline(world);
    },
  },
  "log-check-failed": { page: "log", person: "ines", change: failing("checkLog"), steps: [["check-log"]] },
  "log-entries-loading": { page: "log/entries", person: "ines", change: waiting("entries") },
  "log-entries-failed": { page: "log/entries", person: "ines", change: failing("entries") },
  "log-entries-forbidden": {
    page: "log/entries",
    person: "mara",
    change: (world) => {
      world.faults.entries = forbidden;
    },
  },
  "log-entries-empty": {
    page: "log/entries",
    person: "ines",
    change: (world) => {
      world.entries = [];
    },
  },
  "log-checkpoints-empty": {
    page: "log/checkpoints",
    person: "ines",
    change: (world) => {
      world.state.status.log.checkpoints = [];
    },
  },
  palette: { page: "sessions", person: "ines", steps: [["find"], ["palette-input", "kin"]] },
  "palette-none": { page: "access", person: "mara", steps: [["find"], ["palette-input", "xyzzy"]] },
  "palette-partly": { page: "access", person: "mara", change: failing("sessions"), steps: [["find"]] },
  menu: { page: "access", person: "mara", steps: [["menu"]] },
  help: { page: "access", person: "mara", steps: [["menu"], ["menu-do:help"]] },
  "settings-codes": { page: "settings", person: "mara", steps: [["codes"]] },
};
