import { inbox } from "../src/backend/fake/samples";
import type { Hands } from "./hands";

/** One way through the product, as the design counts it. */
export interface Flow {
  name: string;
  story: string;
  /** Interactions that the design allows, and the seconds that it expects. */
  most: number;
  expected: number;
  /** What has to be there before the first move. */
  from: string;
  go: (hands: Hands) => Promise<void>;
  /** True in the page once it is done. */
  done: string;
  steps: string;
  /** Why it takes more than the design has, and how many. */
  more?: { count: number; why: string };
}

const SENTENCE = "Two employees were paid holiday pay twice.";
const CODE = "419877";
const there = (testid: string) => `document.querySelector('[data-testid="${testid}"]')`;
const asked = `${there("request-access")} && [...document.querySelectorAll("[data-state=waiting][data-organization=kinloch-hotels]")].length === 1`;
const heading = (text: string) => `document.querySelector("main h1")?.textContent.includes(${JSON.stringify(text)})`;

export const flows: Flow[] = [
  {
    name: "Request from a ticket",
    story: "access",
    most: 3,
    expected: 14,
    from: there("request-access"),
    steps: "the link in the ticket; one sentence; Ctrl Enter",
    go: async (hands) => {
      await hands.comeBy("request?organization=kinloch-hotels&ticket=KP-48221");
      await hands.fill("justification", SENTENCE);
      await hands.press("Ctrl Enter");
    },
    done: asked,
  },
  {
    name: "Request by palette",
    story: "access",
    most: 5,
    expected: 16,
    from: there("request-access"),
    steps: "Ctrl K; “kin”; Enter; the ticket; one sentence; Ctrl Enter",
    go: async (hands) => {
      await hands.press("Ctrl K");
      await hands.fill("palette-input", "kin");
      await hands.press("Enter");
      await hands.fill("ticket", "KP-48221");
      await hands.fill("justification", SENTENCE, { by: "mouse" });
      await hands.press("Ctrl Enter");
    },
    done: asked,
    more: { count: 6, why: "each request names its ticket, and nothing fills it here" },
  },
  {
    name: "Request from nothing",
    story: "access",
    most: 6,
    expected: 19,
    from: there("request-access"),
    steps: "Ctrl N; the ticket; Organization and Enter; one sentence; Ctrl Enter",
    go: async (hands) => {
      await hands.press("Ctrl N");
      await hands.fill("ticket", "KP-48221");
      await hands.fill("organization", "kin", { by: "mouse", last: "Enter" });
      await hands.fill("justification", SENTENCE, { by: "mouse" });
      await hands.press("Ctrl Enter");
    },
    done: asked,
  },
  {
    name: "Ask again from Recent",
    story: "access",
    most: 3,
    expected: 8,
    from: there("request-access"),
    steps: "Ask again; one sentence; Ctrl Enter",
    go: async (hands) => {
      await hands.click("ask-again-KP-48177");
      await hands.fill("justification", SENTENCE);
      await hands.press("Ctrl Enter");
    },
    done: asked,
  },
  {
    name: "Approve from a notification",
    story: "approvals",
    most: 3,
    expected: 9,
    from: there("code-field"),
    steps: "the notification; read; six digits; Enter",
    go: async (hands) => {
      await hands.comeBy(`approvals/${inbox[0]?.id}?code`);
      await hands.read("detail");
      await hands.fill("code-field", CODE);
      await hands.press("Enter");
    },
    done: there("told"),
  },
  {
    name: "Approve, app open",
    story: "approvals",
    most: 3,
    expected: 7,
    from: there("code-field"),
    steps: "A; six digits; Enter",
    go: async (hands) => {
      await hands.press("A");
      await hands.fill("code-field", CODE);
      await hands.press("Enter");
    },
    done: there("told"),
  },
  {
    name: "Deny",
    story: "approvals",
    most: 3,
    expected: 9,
    from: there("code-field"),
    steps: "D; the reason; Enter",
    go: async (hands) => {
      await hands.press("D");
      await hands.fill("comment", "Read is enough to answer this");
      await hands.press("Enter");
    },
    done: `${there("told")}?.textContent.includes("Denied")`,
  },
  {
    name: "Open the Session",
    story: "access",
    most: 1,
    expected: 2,
    from: there("open-session"),
    steps: "Open session",
    go: (hands) => hands.click("open-session"),
    done: `!${there("open-session")} && document.querySelectorAll('[data-testid="return-session"]').length === 2`,
  },
  {
    name: "Ask for more time",
    story: "bar-more",
    most: 2,
    expected: 2,
    from: there("session-bar"),
    steps: "Ctrl Shift E; Enter",
    go: async (hands) => {
      await hands.press("Ctrl Shift E");
      await hands.press("Enter");
    },
    done: `${there("more")}?.dataset.state === "waiting"`,
  },
  {
    name: "Find and replay",
    story: "sessions",
    most: 3,
    expected: 6,
    from: there("row-S-90398"),
    steps: "Ctrl K; a part of the id; Enter",
    go: async (hands) => {
      await hands.press("Ctrl K");
      await hands.fill("palette-input", "90398");
      await hands.press("Enter");
    },
    done: there("mark-reviewed"),
  },
  {
    name: "Find in the list and replay",
    story: "replay",
    most: 3,
    expected: 6,
    from: there("mark-reviewed"),
    steps: "G S; / and the filter; Enter",
    go: async (hands) => {
      await hands.press("G S");
      await hands.fill("session-filter", "cobalt", { by: "/" });
      await hands.press("Enter");
    },
    done: heading("Cobalt Health Network"),
  },
  {
    name: "Review, and the next one",
    story: "replay",
    most: 2,
    expected: 2,
    from: `${there("mark-reviewed")} && ${there("next-session")}`,
    steps: "R; Mark reviewed; Shift N",
    go: async (hands) => {
      await hands.press("R");
      await hands.click("sign-review");
      await hands.press("Shift N");
    },
    done: `!${heading("Brightwater Logistics")} && ${there("proof")}`,
    more: { count: 3, why: "a review is signed, and its note and what was not opened are asked about first" },
  },
  {
    name: "Next finding",
    story: "replay",
    most: 1,
    expected: 1,
    from: `${there("next-finding")} && ${there("stage")}`,
    steps: "N",
    go: (hands) => hands.press("N"),
    done: `${there("replay-time")}.textContent !== window.timeBefore`,
  },
  {
    name: "End somebody’s Session",
    story: "sessions",
    most: 4,
    expected: 12,
    from: there("end-this"),
    steps: "End session; the reason; the code; Enter",
    go: async (hands) => {
      await hands.click("end-this");
      await hands.fill("end-reason", "The ticket was closed an hour ago", { by: "mouse" });
      await hands.fill("code-field", CODE, { by: "mouse" });
      await hands.press("Enter");
    },
    done: `!${there("end-reason")} && document.body.innerText.includes("The gateway")`,
  },
  {
    name: "Is the log intact?",
    story: "access",
    most: 0,
    expected: 1,
    from: there("status-log"),
    steps: "a glance at the status bar",
    go: (hands) => hands.read("status-log"),
    done: `${there("status-log")}.dataset.verdict === "intact"`,
  },
  {
    name: "Evidence of a Session",
    story: "sessions",
    most: 4,
    expected: 8,
    from: there("row-S-90398"),
    steps: "Ctrl K; a part of the id; Enter; Evidence",
    go: async (hands) => {
      await hands.press("Ctrl K");
      await hands.fill("palette-input", "90398");
      await hands.press("Enter");
      await hands.click("make-evidence");
    },
    done: there("evidence-saved"),
  },
];
