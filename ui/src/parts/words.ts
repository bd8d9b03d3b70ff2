import type { ReasonCategory, Scope } from "../backend/wire";
import { accessWords } from "./words/access";
import { approvalsWords } from "./words/approvals";
import { auditLogWords } from "./words/auditLog";
import { liveWords } from "./words/live";
import { policyWords } from "./words/policy";
import { replayWords } from "./words/replay";
import { sessionsWords } from "./words/sessions";
import { settingsWords } from "./words/settings";
import { shellWords } from "./words/shell";
import { signInWords } from "./words/signIn";

/** Every sentence a person reads; those of each screen stand in `words/`. Buttons are verbs that match their result. */
export const words = {
  product: "Countersign",
  /** How dates and numbers are written. */
  locale: "en-GB",
  time: {
    /** A moment that stands by itself, and one inside a sentence. */
    alone: {
      today: (time: string) => `Today ${time}`,
      yesterday: (time: string) => `Yesterday ${time}`,
      tomorrow: (time: string) => `Tomorrow ${time}`,
    },
    inside: {
      today: (time: string) => `today ${time}`,
      yesterday: (time: string) => `yesterday ${time}`,
      tomorrow: (time: string) => `tomorrow ${time}`,
    },
    seconds: (count: number) => `${count} s`,
    minutes: (count: number | string) => `${count} min`,
    hours: (count: number) => `${count} h`,
    days: (count: number) => `${count} days`,
    and: (first: string, second: string) => `${first} ${second}`,
    ago: (time: string) => `${time} ago`,
    now: "now",
    utc: (time: string) => `${time} UTC`,
    local: (time: string) => `${time}, this computer’s time`,
    zones: { local: "Local time", utc: "UTC" },
    zone: "Times on this page",
    /** After a moment, and over a column of them. */
    inUtc: "UTC",
    headUtc: (head: string) => `${head}, UTC`,
  },
  scope: { diagnostics: "Diagnostics", read: "Read", "read-write": "Read & write", administer: "Administer" } satisfies Record<
    Scope,
    string
  > as Record<string, string>,
  scopeMeans: {
    diagnostics: "Logs, settings and health. No Relevant Data.",
    read: "See Relevant Data. Change nothing.",
    "read-write": "See and change Relevant Data.",
    administer: "Change settings and people of the Organization.",
  } satisfies Record<Scope, string> as Record<string, string>,
  reason: {
    "customer-reported-problem": "Customer-reported problem",
    "security-incident": "Security incident",
    "legal-disclosure": "Legal disclosure",
    maintenance: "Maintenance",
    "data-subject-request": "Data-subject request",
  } satisfies Record<ReasonCategory, string> as Record<string, string>,
  ended: {
    "ended-by-requester": "Ended by the asker",
    expired: "Time ran out",
    revoked: "Revoked",
    "lease-lost": "The gateway lost the broker",
    "recording-failed": "It could not be recorded",
    "gateway-stopped": "The gateway stopped",
    "connection-lost": "The connection was lost",
    ended: "It ended elsewhere",
  } as Record<string, string>,
  role: { engineer: "Support engineer", approver: "Approver", reviewer: "Security reviewer", administrator: "Administrator" } as Record<
    string,
    string
  >,
  tally: {
    unsigned: "Not signed",
    waiting: "Waiting for second signature",
    countersigned: "Countersigned",
    denied: "Denied",
    expired: "Expired",
    ended: "Ended",
  },
  fault: {
    copy: "Copy details",
    copied: "Copied",
    notCopied: "Could not be copied",
    again: "Try again",
    asOf: (at: string) => `What is shown below is as of ${at}.`,
    page: (what: string) => `This page stopped working. ${what}`,
    pageNext: "Nothing was signed or changed by this. Try again, or go on elsewhere and send the details to whoever runs Countersign.",
    home: "Go to Access",
    details: (code: string, message: string, next: string, at: string, page: string) =>
      `Countersign error ${code}\n${message}\n${next}\n${at}, ${page}`,
  },
  offline: {
    title: "Audit service unreachable. No new session can start.",
    text: "Countersign records every session before it lets you in, so without the audit service the door stays shut. An open session is paused and ends in 5 minutes if the service does not come back.",
    tryNow: "Try now",
    why: "This takes the audit service, which does not answer.",
  },
  rows: {
    earlier: (count: string) => `Show earlier rows (${count})`,
    later: (count: string) => `Show later rows (${count})`,
  },
  about: (number: string) => `about ${number}`,
  splitter: (pane: string) => `Width of: ${pane}`,
  loading: "Loading",
  going: "Still going.",
  close: "Close",
  forbidden: "Only in the app",
  forbiddenNote: "Open Countersign from your applications. This page does nothing in a browser.",
  ...signInWords,
  ...accessWords,
  ...approvalsWords,
  ...policyWords,
  ...liveWords,
  ...sessionsWords,
  ...replayWords,
  ...auditLogWords,
  ...shellWords,
  ...settingsWords,
};
