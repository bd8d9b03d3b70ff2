import { ArrowRightIcon, BuildingsIcon, CommandIcon, RowsIcon, SignatureIcon, TicketIcon, UserIcon } from "@phosphor-icons/react";
import type { ReactNode } from "react";
import type { OrganizationView, RequestView, SessionView } from "../../generated/bindings";
import { duration, type Times } from "../../parts/format";
import { go } from "../../parts/route";
import { Tally, tallyOf } from "../../parts/Tally";
import { words } from "../../parts/words";
import type { Command } from "./commands";

/** One line of the palette. */
export interface Option {
  id: string;
  name: string;
  note?: string;
  /** The moment in the note. */
  at?: number;
  keys?: string;
  icon: ReactNode;
  /** More that it is found by. */
  also?: string;
  act: () => void;
  /** What Ctrl Enter opens, where that is another page. */
  page?: () => void;
}

export interface Group {
  id: keyof typeof words.palette.groups;
  options: Option[];
}

/** Everything this person can see, as far as it is here already. */
export interface Known {
  /** May replay; for everybody else a session is shown in the list. */
  reviews: boolean;
  organizations: OrganizationView[];
  mine: RequestView[];
  others: RequestView[];
  sessions: SessionView[];
}

const scopeOf = (scope: string) => words.scope[scope] ?? scope;
const listOf = (query: Record<string, string>) => go(`sessions?${new URLSearchParams(query)}`);

function requestOptions(known: Known, now: number, times: Times): Option[] {
  const option = (one: RequestView, path: string): Option => ({
    id: `request:${one.id}`,
    name: `${one.organization.name}, ${scopeOf(one.scope)}, ${one.mine ? words.palette.you : one.left.name}`,
    note: `${words.tally[tallyOf(one.state)]}, ${one.ticket}, ${times.when(one.left.at, now, "inside")}`,
    at: one.left.at,
    icon: <Tally state={tallyOf(one.state)} size={16} label={false} />,
    also: `${one.id} ${one.ticket} ${one.left.person} ${one.justification}`,
    act: () => go(path),
  });
  return [
    ...known.others.map((one) => option(one, `approvals/${encodeURIComponent(one.id)}${one.state === "waiting" ? "" : "?decided"}`)),
    ...known.mine.map((one) => option(one, "access")),
  ];
}

function sessionOptions(known: Known, now: number, times: Times): Option[] {
  return known.sessions.map((one) => ({
    id: `session:${one.id}`,
    name: `${one.organization.name}, ${scopeOf(one.scope)}, ${one.name}`,
    note: `${times.when(one.openedAt, now, "inside")}, ${duration((one.endedAt ?? Math.min(now, one.endsAt)) - one.openedAt)}, ${one.ticket}`,
    at: one.openedAt,
    icon: <Tally state={one.endedAt === null ? "countersigned" : "ended"} size={16} label={false} />,
    also: `${one.id} ${one.ticket}`,
    act: () => go(`${known.reviews ? "replay" : "sessions"}/${encodeURIComponent(one.id)}`),
    page: () => go(`sessions/${encodeURIComponent(one.id)}`),
  }));
}

function peopleOptions(known: Known): Option[] {
  const names = new Set([...known.sessions.map((one) => one.name), ...known.others.map((one) => one.left.name)]);
  return [...names].sort().map((name) => ({
    id: `person:${name}`,
    name,
    note: words.palette.sessionsOf,
    icon: <UserIcon size={16} />,
    act: () => listOf({ person: name }),
  }));
}

function commandOptions(commands: Command[]): Option[] {
  return commands
    .filter((one) => one.id !== "do:find")
    .map((one) => ({
      id: one.id,
      name: one.name,
      keys: one.keys,
      icon: one.id.startsWith("go:") ? <ArrowRightIcon size={16} /> : <CommandIcon size={16} />,
      act: one.run,
    }));
}

/** As few letters as a ticket is found by. */
const SHORTEST = 3;

/** What was typed as a ticket looked for among all Sessions, where the palette knows the newest alone. */
export function ticketOption(typed: string): Option | null {
  const ticket = /^\s*#\s*(\S.*?)\s*$/.exec(typed)?.[1] ?? "";
  if ([...ticket].length < SHORTEST) return null;
  return {
    id: "ticket",
    name: words.palette.ticketBegins(ticket),
    icon: <TicketIcon size={16} />,
    act: () => listOf({ ticket: `^${ticket}` }),
  };
}

/** As long as a digest is written. Of a request or of a Session: an id does not say which. */
const ID = /^[\w-]{40,64}$/;

/** What was pasted as an id that nothing here has: the pages say whether there is one. */
export function idGroups(typed: string): Group[] {
  const id = typed.trim();
  if (!ID.test(id)) return [];
  const { palette: say } = words;
  return [
    {
      id: "requests",
      options: [{ id: "request", name: say.requestWith, icon: <SignatureIcon size={16} />, act: () => go(`approvals/${id}`) }],
    },
    {
      id: "sessions",
      options: [{ id: "session", name: say.sessionWith, icon: <RowsIcon size={16} />, act: () => go(`sessions/${id}`) }],
    },
  ];
}

export function groupsOf(known: Known, commands: Command[], now: number, times: Times): Group[] {
  const { palette: say } = words;
  return [
    {
      id: "request",
      options: known.organizations.map((one) => ({
        id: `go:request?organization=${one.id}`,
        name: say.requestTo(one.name),
        also: one.id,
        icon: <SignatureIcon size={16} />,
        act: () => go(`request?organization=${encodeURIComponent(one.id)}`),
      })),
    },
    {
      id: "organizations",
      options: known.organizations.map((one) => ({
        id: `organization:${one.id}`,
        name: one.name,
        note: say.sessionsIn,
        also: one.id,
        icon: <BuildingsIcon size={16} />,
        act: () => listOf({ organization: one.id }),
      })),
    },
    { id: "requests", options: requestOptions(known, now, times) },
    { id: "sessions", options: sessionOptions(known, now, times) },
    { id: "people", options: peopleOptions(known) },
    { id: "commands", options: commandOptions(commands) },
  ];
}
