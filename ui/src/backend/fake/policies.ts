import type { PoliciesView } from "../../generated/bindings";
import { NOW } from "./samples";
import { offline, type Story } from "./story";
import { away } from "./world";

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

const proposal = (mine: boolean) => ({
  digest: "cHBwb2xpY3ktdGhyZWUtcHJvcG9zZWQtYnktc29maWExMQ",
  version: "3",
  name: "Countersign default policy",
  text: text(3, 1),
  by: mine ? "Ben Okafor" : "Sofia Marchetti",
  keyShort: "c41d 7a90",
  at: NOW - 1200,
  until: NOW + 85_000,
  comment: "An hour is enough for reading.",
  mine,
});

export const policyStories: Record<string, Story> = {
  policy: { page: "policy", person: "mara" },
  "policy-proposed": {
    page: "policy",
    person: "ben",
    change: (world) => {
      world.policies.proposed = [proposal(false)];
    },
  },
  "policy-adopting": {
    page: "policy",
    person: "ben",
    change: (world) => {
      world.policies.proposed = [proposal(false)];
    },
    steps: [["adopt"]],
  },
  "policy-offline": { page: "policy", person: "mara", change: offline },
  "policy-mine": {
    page: "policy",
    person: "ben",
    change: (world) => {
      world.policies.proposed = [proposal(true)];
    },
  },
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
