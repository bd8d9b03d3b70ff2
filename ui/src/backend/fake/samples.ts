import type {
  AppState,
  CheckpointView,
  DoorView,
  EntryView,
  PolicyRuleView,
  RequestView,
  SessionDetailView,
  SessionView,
  SignatureView,
  SignalView,
} from "../../generated/bindings";

/** 24 November 2026, 14:32:07 UTC: the moment in the pictures. */
export const NOW = Date.UTC(2026, 10, 24, 14, 32, 7) / 1000;
const at = (hour: number, minute: number, day = 24) => Date.UTC(2026, 10, day, hour, minute, 4) / 1000;

export const organizations = [
  ["brightwater-logistics", "Brightwater Logistics"],
  ["cobalt-health", "Cobalt Health Network"],
  ["delmar-foods", "Delmar Foods"],
  ["ferrous-works", "Ferrous Works"],
  ["hollis-freight", "Hollis Freight"],
  ["kinloch-hotels", "Kinloch Hotels"],
  ["lumen-press", "Lumen Press"],
].map(([id = "", name = ""]) => ({ id, name }));

const organization = (id: string) => organizations.find((one) => one.id === id) ?? { id, name: id };

export function signature(name: string, when: number, verdict = "", comment = ""): SignatureView {
  const person = name.toLowerCase().replace(/\W+/g, ".");
  return { name, person, at: when, keyShort: `${hex(name, 4)} ${hex(`${name}k`, 4)}`, check: "checks-out", verdict, comment, refusal: "" };
}

/** Letters that look like a digest, the same for the same text. */
export function hex(text: string, length: number): string {
  let state = 7;
  for (const letter of text) state = (Math.imul(state, 31) + letter.charCodeAt(0)) >>> 0;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 28).toString(16);
  }).join("");
}

const fits = (title: string, detail: string): SignalView => ({ verdict: "fits", title, detail });

export function request(over: Partial<RequestView> & { organization: RequestView["organization"] }): RequestView {
  return {
    id: hex(over.organization.id + (over.ticket ?? ""), 64),
    state: "waiting",
    scope: "read",
    reason: "customer-reported-problem",
    ticket: "KP-48215",
    justification: "",
    durationSeconds: 1800,
    mine: false,
    decidable: true,
    until: NOW + 14_000,
    left: signature("Mara Lindqvist", NOW - 240),
    right: [],
    signals: [],
    session: null,
    sessionEndsAt: null,
    endedBy: null,
    openHere: false,
    ...over,
  };
}

export const mine: RequestView[] = [
  request({
    organization: organization("delmar-foods"),
    state: "open",
    scope: "read-write",
    ticket: "KP-48213",
    durationSeconds: 3600,
    mine: true,
    decidable: false,
    left: signature("Mara Lindqvist", at(13, 52)),
    right: [signature("Tomasz Wieczorek", at(13, 55), "approve")],
    session: "S-90412",
    sessionEndsAt: NOW + 1421,
    openHere: true,
    justification:
      "October payslips were not generated for 38 people in the Utrecht warehouse. I will re-run generation for that pay group only.",
  }),
  request({
    organization: organization("ferrous-works"),
    state: "approved",
    scope: "diagnostics",
    reason: "maintenance",
    ticket: "KP-48190",
    durationSeconds: 14_400,
    mine: true,
    decidable: false,
    left: signature("Mara Lindqvist", at(11, 20)),
    right: [signature("Adaeze Obi", at(11, 21), "approve")],
    until: NOW + 3139,
    justification: "Re-index leave balances after the nightly import stopped half way.",
  }),
  request({
    organization: organization("brightwater-logistics"),
    mine: true,
    decidable: false,
    justification: "Two people cannot see their October payslip.",
  }),
  ...[
    ["kinloch-hotels", "read", "KP-48177", "ended", 9, 14, 24, "you", 1080],
    ["brightwater-logistics", "read", "KP-48102", "ended", 16, 40, 23, "time", 1800],
    ["cobalt-health", "read-write", "KP-48064", "denied", 11, 3, 23, "", 3600],
    ["cobalt-health", "read", "KP-48064b", "ended", 10, 31, 23, "you", 2460],
    ["delmar-foods", "read", "KP-47990", "ended", 15, 22, 20, "you", 720],
    ["lumen-press", "diagnostics", "KP-47981", "expired", 8, 50, 20, "", 7440],
  ].map(([id, scope, ticket, state, hour, minute, day, endedBy, seconds]) =>
    request({
      organization: organization(String(id)),
      scope: String(scope),
      ticket: String(ticket).replace("b", ""),
      id: hex(String(ticket), 64),
      state: String(state),
      mine: true,
      decidable: false,
      left: signature("Mara Lindqvist", at(Number(hour), Number(minute), Number(day))),
      endedBy: endedBy ? String(endedBy) : null,
      durationSeconds: Number(seconds),
      right:
        state === "denied"
          ? [signature("Tomasz Wieczorek", at(11, 9, 23), "deny", "Read is enough to answer this")]
          : [signature("Adaeze Obi", at(9, 10), "approve")],
    }),
  ),
];

export const inbox: RequestView[] = [
  request({
    organization: organization("delmar-foods"),
    scope: "read-write",
    ticket: "KP-48213",
    durationSeconds: 3600,
    left: signature("Mara Lindqvist", NOW - 240),
    justification:
      "October payslips were not generated for 38 people in the Utrecht warehouse. I will re-run generation for that pay group only, then check three of them. No amounts will be edited.",
    signals: [
      {
        verdict: "look",
        title: "First Read & write for Mara at Delmar Foods",
        detail: "She has had Read here 6 times since March. All 6 were reviewed without findings.",
      },
      fits("Within policy", "Read & write, up to 60 min, for a customer-reported problem."),
      fits("Known device", "The key is the one that an administrator enrolled in March."),
      fits("Nobody else is inside Delmar Foods", "The last session ended today at 11:10."),
      fits("Not a copy", "The justification is not that of an earlier request."),
    ],
  }),
  request({
    organization: organization("brightwater-logistics"),
    left: signature("Joon-ho Park", NOW - 120),
    justification: "Compare the cost centres of the depot with the ticket.",
    signals: [fits("Within policy", "Read, up to 2 h, for a customer-reported problem.")],
  }),
  request({
    organization: organization("hollis-freight"),
    scope: "diagnostics",
    reason: "maintenance",
    ticket: "KP-48219",
    durationSeconds: 7200,
    left: signature("Sofia Marchetti", NOW - 40),
    justification: "Look at the failing import.",
    signals: [fits("Within policy", "Diagnostics, up to 4 h, for maintenance.")],
  }),
];

export const decided: RequestView[] = [
  request({
    organization: organization("ferrous-works"),
    state: "approved",
    scope: "diagnostics",
    ticket: "KP-48190",
    decidable: false,
    left: signature("Mara Lindqvist", at(11, 20)),
    right: [signature("Adaeze Obi", at(11, 21), "approve")],
    justification: "Re-index leave balances.",
  }),
];

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
  endedBy: ended === null ? null : "you",
  exchanges: activity.length * 7,
  writes: activity.split("c").length - 1,
  refused: activity.split("r").length - 1,
  activity,
  review,
}));

const reasons = ["customer-reported-problem", "security-incident", "legal-disclosure", "maintenance", "data-subject-request"];
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
  endedBy: "",
};

export function detail(session: SessionView): SessionDetailView {
  return {
    session,
    manifest: hex(session.id, 64),
    reviewable: true,
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
  "session-viewed",
  "review-signed",
  "signed-in",
  "session-refused",
  "second-factor-used",
];
export const entries: EntryView[] = Array.from({ length: 40 }, (_, row) => ({
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
}));
