import type { RequestView, SignalView, SignatureView } from "../../generated/bindings";

/** 24 November 2026, 14:32:07 UTC: the moment in the pictures. */
export const NOW = Date.UTC(2026, 10, 24, 14, 32, 7) / 1000;
export const at = (hour: number, minute: number, day = 24) => Date.UTC(2026, 10, day, hour, minute, 4) / 1000;

export const organizations = [
  ["brightwater-logistics", "Brightwater Logistics"],
  ["cobalt-health", "Cobalt Health Network"],
  ["delmar-foods", "Delmar Foods"],
  ["ferrous-works", "Ferrous Works"],
  ["hollis-freight", "Hollis Freight"],
  ["kinloch-hotels", "Kinloch Hotels"],
  ["lumen-press", "Lumen Press"],
].map(([id = "", name = ""]) => ({ id, name }));

export const organization = (id: string) => organizations.find((one) => one.id === id) ?? { id, name: id };

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

/** What the engine says of the past only where it looked it up: for one request, never in a list. */
export const past = /^(First request|Asked for|The justification is copied|The ticket was used)/;

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
    extends: null,
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
    ["kinloch-hotels", "read", "KP-48177", "ended", 9, 14, 24, "ended-by-requester", 1080],
    ["brightwater-logistics", "read", "KP-48102", "ended", 16, 40, 23, "expired", 1800],
    ["cobalt-health", "read-write", "KP-48064", "denied", 11, 3, 23, "", 3600],
    ["cobalt-health", "read", "KP-48064b", "ended", 10, 31, 23, "ended-by-requester", 2460],
    ["delmar-foods", "read", "KP-47990", "ended", 15, 22, 20, "ended-by-requester", 720],
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
      { verdict: "look", title: "Asked for this Organization before.", detail: "2 times in the last 7 days." },
      fits("Policy allows this.", "“Customer-reported problem” may open Read & write."),
      fits("A known Device.", "Ben Okafor enrolled it 240 days ago."),
      fits("Signed in recently.", "Mara Lindqvist signed in 40 min ago."),
    ],
  }),
  request({
    organization: organization("brightwater-logistics"),
    left: signature("Joon-ho Park", NOW - 120),
    justification: "Compare the cost centres of the depot with the ticket.",
    signals: [fits("Policy allows this.", "“Customer-reported problem” may open Read.")],
  }),
  request({
    organization: organization("hollis-freight"),
    scope: "diagnostics",
    reason: "maintenance",
    ticket: "KP-48219",
    durationSeconds: 7200,
    left: signature("Sofia Marchetti", NOW - 40),
    justification: "Look at the failing import.",
    signals: [fits("Policy allows this.", "“Maintenance” may open Diagnostics.")],
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
