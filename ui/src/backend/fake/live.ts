import type { RecordingView, SessionView } from "../../generated/bindings";
import type { Backend } from "../backend";
import { door, sessions } from "./oversight";
import { recording } from "./recording";
import { NOW } from "./samples";
import type { Story } from "./story";
import type { World } from "./world";

const ASKED_MS = 300;
const runs = (one: SessionView) => one.endedAt === null;
const running = sessions.find(runs)?.id ?? "";

type Live = Pick<Backend, "watchSession" | "watched" | "stopWatching" | "runningSessions" | "endSessions">;

/** Sessions that run, and what comes of them: all that there is at the beginning, nothing afterwards. */
export function live(world: World, failing: (call: string) => Promise<unknown>, checkCode: (code: string) => void): Live {
  const nothing: RecordingView = { ...recording(NOW * 1000), live: true, check: "running", exchanges: [], pages: [], gaps: [] };
  return {
    async watchSession(id) {
      await failing("watchSession");
      if (world.untold) return { part: nothing, untold: true, over: false };
      const one = world.sessions.find((other) => other.id === id);
      const part = { ...recording((one?.openedAt ?? NOW) * 1000), ...world.recording, live: true, check: "running" as const };
      return { part, untold: false, over: false };
    },
    async watched() {
      await failing("watched");
      await new Promise((done) => setTimeout(done, ASKED_MS));
      return { part: nothing, untold: world.untold, over: false };
    },
    stopWatching: async () => {},
    async runningSessions(organization) {
      await failing("runningSessions");
      return world.sessions.filter((one) => runs(one) && (!organization || one.organization.id === organization));
    },
    async endSessions(ids, _reason, code) {
      await failing("endSessions");
      checkCode(code);
      const ended = world.gatewayAway ? [] : ids;
      world.sessions = world.sessions.map((one) => (ended.includes(one.id) ? { ...one, endedAt: NOW, endedBy: "revoked" } : one));
      return { ended: ended.length, sessions: ended, gateway: !world.gatewayAway };
    },
  };
}

/** Nobody reviews what is not sealed. */
const unsealed = (world: World) => {
  world.detail = { reviewable: false, manifest: null, findings: null };
};

const reason = "They read what the ticket does not ask for.";
const ending: Story["steps"] = [["end-this"], ["end-reason", reason], ["code-field", "419877"]];
const endingAll: Story["steps"] = [["end-all"], ["end-reason", reason], ["end-typed", "END"], ["code-field", "419877"]];

/** Watching, and ending what runs. */
export const liveStories: Record<string, Story> = {
  "replay-live": { page: `replay/${running}`, person: "ines", change: unsealed },
  "replay-live-elsewhere": { page: `replay/${running}`, person: "ines", change: unsealed, steps: [["back-five"]] },
  "replay-live-untold": {
    page: `replay/${running}`,
    person: "ines",
    change: (world) => {
      unsealed(world);
      world.untold = true;
    },
  },
  "replay-live-own": {
    page: `replay/${running}`,
    person: "ines",
    change: (world) => {
      unsealed(world);
      world.faults.watchSession = { code: "own-session", message: "Nobody watches a Session of their own.", next: "Ask another reviewer." };
    },
  },
  "sessions-end": { page: `sessions/${running}`, person: "ines", steps: [["end-this"]] },
  "sessions-end-wrong-code": {
    page: `sessions/${running}`,
    person: "ines",
    steps: [["end-this"], ["end-reason", reason], ["code-field", "000000"], ["confirm-end"]],
  },
  "sessions-end-confirmed": { page: `sessions/${running}`, person: "ines", steps: [...ending, ["confirm-end"]] },
  "sessions-end-not-confirmed": {
    page: `sessions/${running}`,
    person: "ines",
    change: (world) => {
      world.gatewayAway = true;
    },
    steps: [...ending, ["confirm-end"]],
  },
  "sessions-end-all": { page: "sessions", person: "ines", steps: [["end-all"]] },
  "sessions-end-all-confirmed": { page: "sessions", person: "ines", steps: [...endingAll, ["confirm-end"]] },
  "sessions-end-all-none": {
    page: "sessions",
    person: "ines",
    change: (world) => {
      world.sessions = world.sessions.map((one) => ({ ...one, endedAt: one.endedAt ?? NOW, endedBy: "expired" }));
    },
    steps: [["end-all"]],
  },
  "bar-watched": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, watchers: ["Ines Carvalho"] }];
    },
  },
  "bar-watched-by-several": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, watchers: ["Maximiliane-Charlotte von Wittgenstein-Hohenberg", "Ines Carvalho", "Adaeze Obi"] }];
    },
  },
  "bar-ended-for": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...door, endedBy: "revoked", endedFor: { name: "Ines Carvalho", reason } }];
    },
  },
};
