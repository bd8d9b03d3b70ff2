import type {
  AppState,
  CheckpointView,
  ContradictionView,
  DoorView,
  EntryView,
  FindingView,
  PolicyRuleView,
  SessionDetailView,
  SessionView,
  WitnessView,
} from "../../generated/bindings";
import { reasons } from "../wire";
import { at, hex, mine, NOW, organization, organizations, request, signature } from "./samples";

const rows: [number, number, string, string, string, number, string, string, number | null][] = [
  [14, 10, "cobalt-health", "Rui Tanaka", "read", 22, "", "vviv.v.vivv.v..vviv.v.vc.v.v", null],
  [14, 3, "hollis-freight", "Sofia Marchetti", "diagnostics", 29, "", "viv.iiv.iv.v..ii.v.ivv", null],
  [13, 56, "delmar-foods", "Mara Lindqvist", "read-write", 36, "", "i.c.iv.i.ci.iv.v.viv.v.v..i.c.v", null],
  [13, 41, "lumen-press", "Pieter van Dam", "read", 14, "", "v.v..iv.v..v.iv.", 14],
  [
    13,
    12,
    "brightwater-logistics",
    "Joon-ho Park",
    "read-write",
    48,
    "",
    "vvivcvivcciv.vicvi.vciviiv.cvcivvi.vc.vciviccviccvivc.vivcvi",
    48,
  ],
  [12, 55, "cobalt-health", "Rui Tanaka", "read", 22, "nothing-to-report", "v.iv.v.vivviv.v.vv", 22],
  [12, 20, "hollis-freight", "Ben Okafor", "diagnostics", 112, "", "v.v..vviv...vv.ivv.v.vv", 112],
  [11, 48, "kinloch-hotels", "Leila Haddad", "read", 18, "nothing-to-report", "v.v..vivv.v.iv..v", 18],
  [11, 30, "lumen-press", "Ben Okafor", "read", 9, "nothing-to-report", "vvivv.ivvv.v.v", 9],
  [11, 19, "lumen-press", "Leila Haddad", "diagnostics", 193, "", "v.viv.v.vivv.v", null],
  [11, 2, "ferrous-works", "Leila Haddad", "read-write", 57, "", "v.vcv.c.vivcvcccv.c", 57],
  [10, 44, "delmar-foods", "Joon-ho Park", "read", 26, "nothing-to-report", "viv.v.vivv.vv.v", 26],
  [10, 18, "ferrous-works", "Pieter van Dam", "administer", 41, "flagged", "vrcv.cc.vr.ivvcvc.v", 41],
  [9, 57, "lumen-press", "Sofia Marchetti", "read", 12, "nothing-to-report", "..v.v.iv.v.v.v", 12],
  [9, 14, "kinloch-hotels", "Mara Lindqvist", "read", 18, "nothing-to-report", "v.viv.v.vv.vi", 18],
  [9, 5, "brightwater-logistics", "Adaeze Obi", "read-write", 33, "", "v.cvciv.c.vv.cc.v", 33],
  [8, 41, "brightwater-logistics", "Leila Haddad", "diagnostics", 130, "nothing-to-report", "v.v.v...v.vv..v", 130],
  [8, 12, "kinloch-hotels", "Joon-ho Park", "read", 19, "nothing-to-report", "v.vivv.v.v", 19],
];

/** What the rules would point at in such an activity. */
export function findingsOf(activity: string, openedAt: number): FindingView[] {
  const found: FindingView[] = [];
  const add = (letter: string, rule: string, sentence: string) => {
    const place = activity.indexOf(letter);
    if (place >= 0)
      found.push({ rule, weight: "look", sentence, atMs: (openedAt + 40 + place * 30) * 1000, times: activity.split(letter).length - 1 });
  };
  add("c", "unnamed-write", "PUT /employees/8812 is a change that neither ticket nor justification names.");
  add("r", "refused-attempts", "2 requests were refused.");
  return found;
}

const countsOf = (found: FindingView[]) => ({ stop: 0, look: found.length, note: 0 });

export const sessions: SessionView[] = rows.map(([hour, minute, id, name, scope, length, review, activity, ended]) => ({
  id: id === "brightwater-logistics" && hour === 13 ? "S-90398" : `S-${hex(id + hour + minute, 5)}`,
  organization: organization(id),
  name,
  approvers: ["Ben Okafor"],
  scope,
  reason: "customer-reported-problem",
  ticket: `KP-48${100 + hour * 7 + minute}`,
  openedAt: at(hour, minute),
  endsAt: at(hour, minute) + 14_400,
  endedAt: ended === null ? null : at(hour, minute) + length * 60,
  endedBy: ended === null ? null : "ended-by-requester",
  exchanges: activity.length * 7,
  writes: activity.split("c").length - 1,
  refused: activity.split("r").length - 1,
  activity,
  review,
  findings: ended === null ? null : countsOf(findingsOf(activity, at(hour, minute))),
  ...(ended === null ? { soFar: findingsOf(activity, at(hour, minute)) } : {}),
  // Rules point at something, or it was drawn.
  due: ended !== null && review === "" && (findingsOf(activity, at(hour, minute)).length > 0 || minute % 2 === 0),
}));

export const rules: PolicyRuleView[] = reasons.flatMap((reason) =>
  ["diagnostics", "read", "read-write", "administer"].map((scope) => {
    const hours: Record<string, number> = {
      diagnostics: 4,
      read: 2,
      "read-write": reason === "legal-disclosure" ? 0 : 1,
      administer: reason === "security-incident" ? 1 : 0,
    };
    const longest = (hours[scope] ?? 0) * 3600;
    const refusal =
      longest > 0
        ? ""
        : scope === "administer"
          ? "Not for this reason. Only for a security incident."
          : "Not for this reason. Read is enough to disclose.";
    return {
      reason,
      scope,
      maxDurationSeconds: longest,
      approvals: scope === "administer" || reason === "legal-disclosure" ? 2 : 1,
      refusal,
    };
  }),
);

const wordLists = [
  "harbour linen otter nine candle violet anchor meadow",
  "copper meadow two violin basket tulip ferry lamp",
  "saddle fern orbit eleven window stone maple river",
];
const checkpoints: CheckpointView[] = [4_812_907, 4_812_640, 4_812_329].map((size, index) => ({
  size,
  root: hex(`root${size}`, 64),
  words: (wordLists[index] ?? "").split(" "),
  at: NOW - 12 - index * 652,
}));

/** A head of the same size with another root, signed with the log's key. */
export const contradiction: ContradictionView = {
  checkpoint: {
    size: 4_812_907,
    root: hex("another root", 64),
    words: "velvet anchor nine pepper harbour linen quartz two".split(" "),
    at: NOW - 30,
  },
  shown: `countersign.test/log\n4812907\n${hex("another root", 44)}\n\n— countersign.test/log ${hex("s1", 92)}\n`,
  kept: `countersign.test/log\n4812907\n${hex("root4812907", 44)}\n\n— countersign.test/log ${hex("s2", 92)}\n`,
};

const seen = { at: NOW - 40, pinned: true, trouble: "", keyShort: "" };
const witnesses: WitnessView[] = [
  { ...seen, kind: "outside", name: "witness.kestrel-audit.example/w1", size: 4_812_895 },
  {
    ...seen,
    kind: "outside",
    name: "witness.example.org/w2",
    size: 4_812_329,
    at: NOW - 5400,
    pinned: false,
    trouble: "It does not answer the audit service.",
  },
  { ...seen, kind: "computer", name: "Tomasz Wieczorek", keyShort: "3fc0 917e", size: 4_812_640, at: NOW - 660 },
];

export function stateOf(name: string, role: string, device: string): AppState {
  const [first] = checkpoints;
  return {
    profile: "sample",
    step: "ready",
    operator: "Kestrel Payroll",
    logKey: "countersign.test/log+3fc0917e+AfUq2m",
    clockOffsetMs: Math.round(NOW * 1000 - Date.now()),
    person: { person: name.toLowerCase(), name, roles: role.split(" ") },
    device: { name: device, key: hex(device, 43), keyShort: "7c1e 90ab", keptIn: "system keychain" },
    policy: { digest: hex("policy", 64), rules },
    status: {
      broker: "connected",
      audit: "connected",
      gateway: "connected",
      keyring: "",
      sessionsRecording: role.includes("engineer") ? 1 : 0,
      log: {
        verdict: "intact",
        size: 4_812_907,
        root: first?.root ?? "",
        words: first?.words ?? [],
        checkedAt: NOW - 12,
        detail: "",
        checkpoints,
        witnesses,
        contradiction: null,
      },
    },
  };
}

export const door: DoorView = {
  request: mine[0]?.id ?? "",
  session: "S-90412",
  organization: organization("delmar-foods"),
  scope: "read-write",
  reason: "customer-reported-problem",
  ticket: "KP-48213",
  openedAt: NOW - 2179,
  endsAt: NOW + 1421,
  address: "https://payroll.test/o/delmar-foods/payslips/2026-10/utrecht",
  recordingLagMs: 400,
  paused: false,
  pageStopped: false,
  endedBy: "",
  endedFor: null,
  watchers: [],
  more: null,
};

export function detail(session: SessionView): SessionDetailView {
  return {
    session,
    manifest: hex(session.id, 64),
    reviewable: true,
    findings: session.endedAt === null ? null : findingsOf(session.activity, session.openedAt),
    reviews: [],
    request: request({
      organization: session.organization,
      state: session.endedAt ? "ended" : "open",
      scope: session.scope,
      ticket: session.ticket,
      decidable: false,
      durationSeconds: 3600,
      justification: "Pay group mapped to the wrong cost centre after the depot move. I will move the group and check two people.",
      left: signature(session.name, session.openedAt - 480),
      right: [signature("Ben Okafor", session.openedAt - 180, "approve", "Agree")],
      session: session.id,
    }),
    proof: { verified: true, entry: 4_811_220, checkpoint: 4_812_907, steps: 12, detail: "In the log, unaltered" },
  };
}

const kinds = [
  "session-opened",
  "request-signed",
  "approved",
  "session-ended",
  "recording-sealed",
  "viewed",
  "session-viewed",
  "review-signed",
  "signed-in",
  "session-refused",
  "second-factor-used",
];
const proven = (row: number) => ({
  under: 4_812_907,
  path: Array.from({ length: 12 }, (_, step) => hex(`path${row} ${step}`, 43)),
});
/** What a service read for itself. */
const READ: EntryView = {
  index: 4_812_879,
  atMs: (NOW - 27 * 97) * 1000,
  kind: "viewed",
  source: "audit",
  organization: "",
  who: "",
  facts: [
    ["call", "GET /v1/policies"],
    ["service", "gateway"],
  ],
  leaf: hex("leaf27", 64),
  ...proven(27),
};
const listed: EntryView[] = Array.from({ length: 40 }, (_, row) => ({
  index: 4_812_906 - row,
  atMs: (NOW - row * 97) * 1000,
  kind: kinds[row % kinds.length] ?? "signed-in",
  source: row % 3 === 0 ? "audit" : row % 3 === 1 ? "broker" : "gateway",
  organization: organizations[row % organizations.length]?.name ?? "",
  who: ["Mara Lindqvist", "Tomasz Wieczorek", "Ines Carvalho"][row % 3] ?? "",
  facts: [
    ["scope", "read"],
    ["policy", hex(`p${row}`, 16)],
  ],
  leaf: hex(`leaf${row}`, 64),
  ...proven(row),
}));
export const entries = listed.map((one) => (one.index === READ.index ? READ : one));
