import type { AllowsMoreView, PoliciesView, PolicyLastMonthView, ProposedPolicyView } from "../../generated/bindings";
import type { Backend } from "../backend";
import { NOW } from "./samples";
import { offline, type Story } from "./story";
import { away, type World } from "./world";

const text = (version: number, hours: number) => `{
  "name": "Countersign default policy",
  "version": ${version},
  "time_zone": "UTC",
  "organizations": {}
}
---
@id("customer-reported-problem")
@sentence("A problem that the customer reported opens Read for ${hours} h.")
permit(principal in Role::"engineer", action == Action::"request", resource)
when { context.scope == 1 && context.duration_seconds <= ${hours * 3600} };
`;

/** The pinned policy, and one that was adopted since. */
export const policies = (): PoliciesView => ({
  adopted: [
    {
      digest: "cHBwb2xpY3ktb25lLXBpbm5lZC1ieS1ldmVyeWJvZHkxMQ",
      version: "1",
      name: "Countersign default policy",
      text: text(1, 4),
      by: [],
      at: null,
      comments: [],
    },
    {
      digest: "cHBwb2xpY3ktdHdvLWFkb3B0ZWQtYnktdHdvLXBlb3BsZQ",
      version: "2",
      name: "Countersign default policy",
      text: text(2, 2),
      by: ["Ben Okafor", "Sofia Marchetti"],
      at: NOW - 40 * 86_400,
      comments: ["Two hours are enough, as agreed on Monday.", "Compared with the ticket."],
    },
  ],
  proposed: [],
});

export const lastMonth: PolicyLastMonthView = {
  from: NOW - 30 * 86_400,
  until: NOW,
  requests: 1212,
  refused: 14,
  allowed: 0,
  more: 0,
  fewer: 0,
  notAsked: 0,
};

const proposal = (mine: boolean, allowsMore: AllowsMoreView[] = []): ProposedPolicyView => ({
  digest: "cHBwb2xpY3ktdGhyZWUtcHJvcG9zZWQtYnktc29maWExMQ",
  version: "3",
  name: "Countersign default policy",
  text: text(3, allowsMore.length ? 4 : 1),
  by: mine ? "Ben Okafor" : "Sofia Marchetti",
  keyShort: "c41d 7a90",
  at: NOW - 1200,
  until: NOW + 85_000,
  comment: allowsMore.length ? "Two hours were not enough at night." : "An hour is enough for reading.",
  allowsMore,
  mine,
});

const longer: AllowsMoreView = {
  kind: "offer",
  reason: "customer-reported-problem",
  scope: "read",
  old: { maxDurationSeconds: 7200, countersigners: 1 },
  new: { maxDurationSeconds: 14_400, countersigners: 1 },
  when: null,
};
const permits: AllowsMoreView = {
  kind: "permits",
  rule: "customer-reported-problem",
  sentence: "A problem that the customer reported opens Read for 4 h.",
};
const stoodInTheWay: AllowsMoreView = {
  kind: "stood-in-the-way",
  rule: "externals-do-not-decide",
  sentence: "Members of the group “external” do not countersign.",
};
const shorterWait: AllowsMoreView = { kind: "wait-to-countersign", oldSeconds: 3600, newSeconds: 0 };

/** One of everything that can be allowed more. */
export const everyMore: AllowsMoreView[] = [
  longer,
  { ...longer, scope: "administer", old: null, new: { maxDurationSeconds: 3600, countersigners: 2 } },
  {
    ...longer,
    reason: "maintenance",
    old: { maxDurationSeconds: 7200, countersigners: 2 },
    new: { maxDurationSeconds: 14_400, countersigners: 1 },
    when: "Saturday 00:00 to Monday 00:00",
  },
  { kind: "wait-to-ask", oldSeconds: 7200, newSeconds: 1800 },
  shorterWait,
  { kind: "recordings", oldDays: 365, newDays: 30 },
  { kind: "lets-in", organization: "delmar-foods", who: ["acme", "xx"] },
  { kind: "organization", organization: "cobalt-health" },
  { kind: "time-zone", old: "UTC", new: "Europe/Berlin" },
  permits,
  stoodInTheWay,
  { kind: "not-compared" },
];

/** Somebody proposed this, and `change` is the case too. */
const waits = (proposed: ProposedPolicyView, change?: (world: World) => void): Story => ({
  page: "policy",
  person: "ben",
  change: (world) => {
    world.policies.proposed = [proposed];
    change?.(world);
  },
});

/** Ben reviews too, and looks at what would have changed. */
const looks = (change?: (world: World) => void): Story => ({
  ...waits(proposal(false), (world) => {
    world.state.person?.roles.push("reviewer");
    change?.(world);
  }),
  steps: [["last-month"]],
});
const weaker = waits(proposal(false, [longer, shorterWait, permits, stoodInTheWay]));
const everything = waits(proposal(false, everyMore));

export const policyStories: Record<string, Story> = {
  policy: { page: "policy", person: "mara" },
  "policy-proposed": waits(proposal(false)),
  "policy-adopting": { ...waits(proposal(false)), steps: [["adopt"]] },
  "policy-weaker": weaker,
  "policy-weaker-adopting": { ...weaker, steps: [["adopt"]] },
  "policy-every-more": everything,
  "policy-every-more-adopting": { ...everything, steps: [["adopt"]] },
  "policy-may-be-weaker": waits(proposal(false, [stoodInTheWay])),
  "policy-last-month": looks(),
  "policy-last-month-none": looks((world) => {
    world.lastMonth = { ...lastMonth, requests: 0, refused: 0 };
  }),
  "policy-last-month-failed": looks((world) => {
    world.faults.policyLastMonth = away;
  }),
  "policy-last-month-loading": looks((world) => {
    world.never.push("policyLastMonth");
  }),
  "policy-offline": { page: "policy", person: "mara", change: offline },
  "policy-mine": waits(proposal(true)),
  "policy-failed": {
    page: "policy",
    person: "mara",
    change: (world) => {
      world.faults.policies = away;
    },
  },
  "policy-loading": {
    page: "policy",
    person: "mara",
    change: (world) => {
      world.never.push("policies");
    },
  },
};

type Adopting = Pick<Backend, "policies" | "policyLastMonth" | "adoptPolicy">;

/** What waits for a second administrator, and is in force once there is one. */
export function adopting(
  world: World,
  failing: (call: string) => Promise<unknown>,
  checkCode: (code: string) => void,
  refuse: (code: string, message: string, next: string) => never,
  tell: () => void,
): Adopting {
  return {
    policies: async () => (await failing("policies"), world.policies),
    policyLastMonth: async () => (await failing("policyLastMonth"), world.lastMonth),
    async adoptPolicy(text, comment, code) {
      await failing("adoptPolicy");
      checkCode(code);
      const { adopted, proposed } = world.policies;
      const one = proposed.find((other) => other.text === text) ?? refuse("not-a-successor", "This cannot follow.", "Propose it again.");
      const by = [one.by, world.state.person?.name ?? ""];
      world.policies = { adopted: [...adopted, { ...one, by, at: NOW, comments: [one.comment, comment] }], proposed: [] };
      tell();
      return world.policies;
    },
  };
}
