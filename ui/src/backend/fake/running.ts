import type { SessionView } from "../../generated/bindings";
import { scopes } from "../wire";
import { NOW } from "./samples";
import { long, offline, type Story } from "./story";
import { away, type World } from "./world";

const at = { page: "live", person: "ines" } as const;
const runs = (one: SessionView) => one.endedAt === null;

/** So many run, with what rules point at in some of them. */
const many = (count: number) => (world: World) => {
  const [some] = world.sessions.filter(runs);
  if (!some) return;
  const found = [
    { rule: "bulk-read", weight: "look", sentence: "480 records came in one answer of /employees.", atMs: NOW * 1000, times: 2 },
    { rule: "refused-attempts", weight: "look", sentence: "3 requests were refused.", atMs: null, times: 1 },
    { rule: "first-time-here", weight: "note", sentence: "The person had no Session on this Organization before.", atMs: null, times: 1 },
  ];
  world.sessions = Array.from({ length: count }, (_, number) => ({
    ...some,
    id: `S-${1000 + number}`,
    organization: { id: `o-${number}`, name: `${some.organization.name} ${number + 1}` },
    scope: scopes[number % scopes.length] ?? "read",
    endsAt: NOW + 50 + number * 290,
    soFar: number % 3 === 2 ? undefined : found.slice(0, (number % 4) as 0),
  }));
};

/** The page of what runs. */
export const runningStories: Record<string, Story> = {
  live: at,
  "live-one": { ...at, change: many(1) },
  "live-many": { ...at, change: many(14) },
  "live-rows": { ...at, steps: [["live-shape"]] },
  "live-paused": { ...at, steps: [["pause-live"]] },
  "live-empty": {
    ...at,
    change: (world) => {
      world.sessions = world.sessions.filter((one) => !runs(one));
    },
  },
  "live-loading": { ...at, change: (world) => void world.never.push("runningSessions") },
  "live-failed": {
    ...at,
    change: (world) => {
      world.faults.runningSessions = away;
    },
  },
  "live-offline": { ...at, change: offline },
  "live-forbidden": { page: "live", person: "mara" },
  "live-long": { ...at, change: long },
  "live-ended": {
    ...at,
    steps: [["end-this"], ["end-reason", "They read what the ticket does not ask for."], ["code-field", "419877"], ["confirm-end"]],
  },
};
