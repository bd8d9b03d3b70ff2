import type { AppState } from "../../generated/bindings";
import { forgedStories } from "./forged";
import { contradiction, door } from "./oversight";
import { forgotten } from "./forgotten";
import { NOW } from "./samples";
import { liveStories } from "./live";
import { sessionStories } from "./sessions";
import { long, offline, type Story } from "./story";
import { away, type World } from "./world";

const log = (verdict: AppState["status"]["log"]["verdict"], checkedAt: number, detail: string) => (world: World) =>
  Object.assign(world.state.status.log, { verdict, checkedAt, detail });
const S = "replay/S-90398";
const utc: Story["steps"] = [["zone-utc"]];

/** The states of the screens that show what happened, and of the bar where it happens. */
export const evidence: Record<string, Story> = {
  sessions: { page: "sessions", person: "ines" },
  "sessions-long": { page: "sessions", person: "ines", change: long },
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
  "sessions-no-match": { page: "sessions?text=nobody&organization=kinloch-hotels", person: "ines" },
  ...sessionStories,
  "sessions-own": {
    page: "sessions",
    person: "mara",
    change: (world) => {
      world.sessions = world.sessions.filter((one) => one.name === world.state.person?.name);
    },
  },
  "sessions-more": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.pageOf = 10;
    },
  },
  "sessions-offline": { page: "sessions", person: "ines", change: offline },
  "sessions-loading": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.never.push("sessions");
    },
  },
  "sessions-forgotten": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.forgotten = forgotten;
    },
  },
  replay: { page: S, person: "ines" },
  "replay-long": { page: S, person: "ines", change: long },
  ...liveStories,
  "replay-missing": {
    page: S,
    person: "ines",
    change: (world) => {
      const start = Date.UTC(2026, 10, 24, 13, 12, 4);
      world.recording = { gaps: [{ atMs: start + 1_000_000, untilMs: start + 1_042_000, detail: "gateway restarted" }] };
    },
  },
  ...forgedStories,
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
  "replay-altered": {
    page: S,
    person: "ines",
    change: (world) => {
      world.recording = {
        check: "does-not-match",
        detail: "Frame 41 is not the one that the manifest in the log names.",
        pages: [],
        exchanges: [],
      };
    },
  },
  "replay-incomplete": {
    page: S,
    person: "ines",
    change: (world) => {
      world.recording = {
        check: "incomplete",
        detail: "Frames 212 to 240 never came. Everything that is shown is what the manifest names.",
      };
    },
  },
  "replay-destroyed": {
    page: S,
    person: "ines",
    change: (world) => {
      for (const one of world.sessions) one.expiredAt = NOW - 86_400;
      world.recording = { check: "destroyed", detail: "", pages: [], exchanges: [] };
    },
  },
  "replay-forbidden": {
    page: S,
    person: "mara",
    change: (world) => {
      world.detail = { reviewable: false };
      world.faults.recording = {
        code: "missing-role",
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
  "log-alone": {
    page: "log",
    person: "ines",
    change: (world) => {
      world.state.status.log.witnesses = [];
    },
  },
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
    change: (world) => {
      log("broken", NOW - 30, "The audit log cannot be believed: the log shows two heads of one size.")(world);
      world.state.status.log.contradiction = contradiction;
    },
  },
  "log-broken-unsigned": {
    page: "log",
    person: "ines",
    change: (world) => {
      log(
        "broken",
        NOW - 30,
        "The audit log cannot be believed: its Checkpoint is not signed with the key that this computer pinned.",
      )(world);
      world.state.status.log.contradiction = { ...contradiction, checkpoint: null };
    },
  },
  "log-entries": { page: "log/entries", person: "ines" },
  "log-checkpoints": { page: "log/checkpoints", person: "ines" },
  "log-utc": { page: "log", person: "ines", steps: utc },
  "log-entries-utc": { page: "log/entries", person: "ines", steps: utc },
  "replay-utc": { page: S, person: "ines", steps: utc },
  bar: { page: "bar", person: "mara" },
  "bar-long": { page: "bar", person: "mara", change: long },
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
  "bar-page-stopped": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, pageStopped: true }];
    },
  },
  "bar-ten": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, endsAt: NOW + 590 }];
    },
  },
  "bar-administer": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [
        { ...door, scope: "administer", endsAt: NOW + 50, address: `https://delmar.kestrelpay.example/${"payslips/".repeat(40)}` },
      ];
    },
  },
  "bar-closing": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.asked = { kind: "close", session: door.session };
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
