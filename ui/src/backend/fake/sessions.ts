import type { SessionCountView, SessionView } from "../../generated/bindings";
import { NOW } from "./samples";
import type { Story } from "./story";
import { away, type World } from "./world";

const MANY = 100_000;

/** As many as make a list long: the samples again and again, each a little earlier. */
function again(sessions: SessionView[], count: number): SessionView[] {
  return Array.from({ length: count }, (_, at) => {
    const one = sessions[at % sessions.length] as SessionView;
    const openedAt = NOW - 600 - at * 420;
    const ended = at < 3 ? null : openedAt + ((one.endedAt ?? one.openedAt + 1500) - one.openedAt);
    return {
      ...one,
      id: `S-${at}`,
      openedAt,
      endsAt: openedAt + 14_400,
      endedAt: ended,
      endedBy: ended === null ? null : "ended-by-requester",
    };
  });
}

const long = (pageOf: number) => (world: World) => {
  world.sessions = again(world.sessions, MANY);
  world.pageOf = pageOf;
};
const counted = (count: SessionCountView) => (world: World) => {
  world.counted = count;
};
const forEver = (world: World) => {
  world.exportsForEver = true;
};
const failing = (call: string) => (world: World) => {
  world.faults[call] = away;
};
const short = (world: World) => {
  world.pageOf = 10;
};

/** Filters, views, and lists that are longer than a window. */
export const sessionStories: Record<string, Story> = {
  "sessions-tokens": { page: "sessions?when=7d&length=>5&reason=!legal-disclosure", person: "ines" },
  "sessions-how": { page: "sessions?length=>5&reason=!legal-disclosure", person: "ines", steps: [["op-reason"]] },
  "sessions-completing": { page: "sessions?when=7d", person: "ines", steps: [["session-filter", "org:"]] },
  "sessions-wrong-token": { page: "sessions", person: "ines", steps: [["session-filter", "length:soon\n"]] },
  "sessions-further": { page: "sessions?text=kinloch", person: "ines", change: short },
  "sessions-linked": { page: "sessions/S-9999", person: "ines", change: long(200) },
  "sessions-linked-gone": { page: "sessions/S-nowhere", person: "ines" },
  "sessions-further-none": { page: "sessions?text=adaeze", person: "ines", change: short },
  "sessions-naming": { page: "sessions?length=>15&scope=read", person: "ines", steps: [["save-view"]] },
  "sessions-own-view": {
    page: "sessions?length=>15&scope=read",
    person: "ines",
    steps: [["save-view"], ["view-name", "Long and only read"], ["view-name-done"]],
  },
  "sessions-view-deleted": {
    page: "sessions?length=>15&scope=read",
    person: "ines",
    steps: [["save-view"], ["view-name", "Long and only read"], ["view-name-done"], ["delete-view"]],
  },
  "sessions-columns": { page: "sessions", person: "ines", steps: [["columns"]] },
  "sessions-more-columns": {
    page: "sessions",
    person: "ines",
    steps: [["columns"], ["column-approvers"], ["column-reason"], ["column-ticket"], ["column-requests"]],
  },
  "sessions-about": { page: "sessions?order=longest", person: "ines", change: counted({ sessions: 1_048_213, more: false }) },
  "sessions-uncounted": { page: "sessions?length=>5", person: "ines", change: counted({ sessions: 10_000, more: true }) },
  "sessions-order": { page: "sessions", person: "ines", steps: [["head-findings"]] },
  "sessions-shortest": { page: "sessions?order=shortest", person: "ines" },
  "sessions-ticket-begun": { page: "sessions?ticket=^KP-48", person: "ines" },
  "sessions-ticket-completing": { page: "sessions", person: "ines", steps: [["session-filter", "ticket:kp-48"]] },
  "sessions-words-completing": { page: "sessions", person: "ines", steps: [["session-filter", "rui"]] },
  "sessions-export-asking": { page: "sessions?reason=maintenance", person: "ines", steps: [["export"]] },
  "sessions-export-running": { page: "sessions", person: "ines", change: forEver, steps: [["export"], ["export-start"]] },
  "sessions-export-cancelled": {
    page: "sessions",
    person: "ines",
    change: forEver,
    steps: [["export"], ["export-start"], ["export-cancel"]],
  },
  "sessions-export-done": { page: "sessions", person: "ines", steps: [["export"], ["export-start"]] },
  "sessions-export-failed": {
    page: "sessions",
    person: "ines",
    change: failing("exportSessions"),
    steps: [["export"], ["export-start"]],
  },
  "sessions-many": { page: "sessions", person: "ines", change: long(MANY) },
  "sessions-pages": { page: "sessions", person: "ines", change: long(200) },
};
