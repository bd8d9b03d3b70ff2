import type { AppState } from "../../generated/bindings";
import { door, entries, sessions, stateOf } from "./oversight";
import { qr } from "./qr";
import { decided, inbox, mine, NOW, organizations } from "./samples";
import { away, type World } from "./world";

interface Story {
  /** The page it opens. */
  page: string;
  person: "mara" | "tomasz" | "ines" | "ben";
  change?: (world: World) => void;
}

const people = {
  mara: ["Mara Lindqvist", "engineer", "MARA-T14"],
  tomasz: ["Tomasz Wieczorek", "approver", "TW-MBP"],
  ines: ["Ines Carvalho", "reviewer", "IC-T14"],
  ben: ["Ben Okafor", "administrator approver", "BO-MBP"],
} as const;
const setupStep = (step: AppState["step"]) => (world: World) => {
  world.state.step = step;
  if (step === "join" || step === "no-keyring") Object.assign(world.state, { operator: "", logKey: "", device: null });
  if (step === "join" || step === "no-keyring" || step === "sign-in") world.state.person = null;
};
const offline = (world: World) => Object.assign(world.state.status, { audit: "unreachable" });
const log = (verdict: AppState["status"]["log"]["verdict"], checkedAt: number, detail: string) => (world: World) =>
  Object.assign(world.state.status.log, { verdict, checkedAt, detail });
const S = "replay/S-90398";

/** Every state of every screen. */
export const stories: Record<string, Story> = {
  join: { page: "", person: "mara", change: setupStep("join") },
  keyring: {
    page: "",
    person: "mara",
    change: (world) => {
      setupStep("no-keyring")(world);
      world.state.status.keyring =
        "Start the system’s keyring, for example with gnome-keyring-daemon, unlock it, and open Countersign again.";
    },
  },
  "sign-in": { page: "", person: "mara", change: setupStep("sign-in") },
  "sign-in-failed": {
    page: "",
    person: "mara",
    change: (world) => {
      setupStep("sign-in")(world);
      world.faults.beginSignIn = {
        code: "provider",
        message: "Your company’s sign-in page does not answer.",
        next: "Check your network and try again.",
      };
    },
  },
  enrolment: { page: "", person: "mara", change: setupStep("wait-for-enrolment") },
  "second-factor": { page: "", person: "mara", change: setupStep("second-factor") },
  code: { page: "", person: "mara", change: setupStep("code") },
  access: { page: "access", person: "mara" },
  "access-empty": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.mine = [];
    },
  },
  "access-offline": { page: "access", person: "mara", change: offline },
  "access-failed": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.faults.requests = away;
    },
  },
  "access-loading": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.never.push("requests");
    },
  },
  "access-code": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.needsCode = true;
    },
  },
  request: { page: "request?organization=kinloch-hotels&ticket=KP-48221", person: "mara" },
  "request-refused": {
    page: "request?organization=kinloch-hotels&ticket=KP-48221",
    person: "mara",
    change: (world) => {
      world.faults.signRequest = {
        code: "policy",
        message: "Policy changed while you were writing. Nothing was sent.",
        next: "Read & write is now 30 min at most. Choose a shorter time.",
      };
    },
  },
  approvals: { page: "approvals", person: "tomasz" },
  "approvals-empty": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = [];
    },
  },
  "approvals-mismatch": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = world.inbox.map((one, at) =>
        at
          ? one
          : {
              ...one,
              decidable: false,
              left: { ...one.left, check: "does-not-match", refusal: "The key is not the one that was enrolled." },
            },
      );
    },
  },
  "approvals-stop": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = world.inbox.map((one, at) =>
        at
          ? one
          : {
              ...one,
              signals: [
                {
                  verdict: "stop",
                  title: "The justification is copied from an earlier request",
                  detail: "The same words were used for Kinloch Hotels on 3 November.",
                },
                ...one.signals,
              ],
            },
      );
    },
  },
  "approvals-failed": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.faults.approve = away;
    },
  },
  "approvals-enrol": {
    page: "approvals",
    person: "ben",
    change: (world) => {
      world.enrolments = [
        { person: "rui", name: "Rui Tanaka", device: "dev-rui", keyShort: "a91f 03de", since: NOW - 300, check: "checks-out" },
        { person: "leila", name: "Leila Haddad", device: "dev-leila", keyShort: "77c0 e1b2", since: NOW - 900, check: "checks-out" },
      ];
    },
  },
  sessions: { page: "sessions", person: "ines" },
  "sessions-empty": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.sessions = [];
    },
  },
  "sessions-failed": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.faults.sessions = away;
    },
  },
  "sessions-loading": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.never.push("sessions");
    },
  },
  replay: { page: S, person: "ines" },
  "replay-live": {
    page: S,
    person: "ines",
    change: (world) => {
      world.recording = { live: true };
    },
  },
  "replay-missing": {
    page: S,
    person: "ines",
    change: (world) => {
      const start = Date.UTC(2026, 10, 24, 13, 12, 4);
      world.recording = { gaps: [{ atMs: start + 1_000_000, untilMs: start + 1_042_000, detail: "gateway restarted" }] };
    },
  },
  "replay-mismatch": {
    page: S,
    person: "ines",
    change: (world) => {
      world.detail = {
        proof: {
          verified: false,
          entry: 0,
          checkpoint: 4_812_907,
          steps: 0,
          detail: "The manifest in the log is another one than that of the recording.",
        },
      };
    },
  },
  "replay-forbidden": {
    page: S,
    person: "mara",
    change: (world) => {
      world.detail = { reviewable: false };
      world.faults.recording = {
        code: "forbidden",
        message: "Recordings are for security reviewers.",
        next: "You can see that this session happened. Ask Ines Carvalho to replay it.",
      };
    },
  },
  "replay-no-pages": {
    page: S,
    person: "ines",
    change: (world) => {
      world.recording = { pages: [] };
    },
  },
  log: { page: "log", person: "ines" },
  "log-waiting": {
    page: "log",
    person: "ines",
    change: (world) => {
      log("waiting", NOW - 180, "")(world);
      offline(world);
    },
  },
  "log-broken": {
    page: "log",
    person: "ines",
    change: log("broken", NOW - 30, "Checkpoint 4,812,907 leaves out entries that this computer saw at 09:12."),
  },
  "log-entries": { page: "log/entries", person: "ines" },
  "log-checkpoints": { page: "log/checkpoints", person: "ines" },
  bar: { page: "bar", person: "mara" },
  "bar-last": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, endsAt: NOW + 290 }];
    },
  },
  "bar-behind": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, recordingLagMs: 1400 }];
    },
  },
  "bar-paused": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, paused: true, recordingLagMs: 4000 }];
    },
  },
  "bar-ended": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, endedBy: "expired" }];
    },
  },
};

export function worldOf(name: string): World {
  const story = stories[name] ?? stories.access;
  const [person, role, device] = people[story?.person ?? "mara"];
  const copy = structuredClone({ organizations, mine, inbox, decided, sessions, entries, doors: [door] });
  const world: World = {
    ...copy,
    state: stateOf(person, role, device),
    enrolments: [],
    detail: {},
    recording: {},
    needsCode: false,
    qrSvg: qr(),
    faults: {},
    never: [],
  };
  if (story?.person !== "mara") world.mine = [];
  story?.change?.(world);
  return world;
}
