import type { RevealView } from "../../generated/bindings";
import { changed, recording } from "./recording";
import { reveal } from "./revealing";
import { at, NOW } from "./samples";
import { long, offline, type Story } from "./story";
import { away, type World } from "./world";

const page = "replay/S-90398";
const OPENED_MS = at(13, 12) * 1000;
const why = "The customer asks which account was changed on Tuesday.";
const marks: Story["steps"] = [["tab-marks"]];
const chosen: Story["steps"] = [...marks, ["mark-2c9e40aa51d7f803"], ["mark-7f3a91c2d0b4e6f8"]];
const asking: Story["steps"] = [...chosen, ["ask-to-open"]];
const asked: Story["steps"] = [...asking, ["reveal-why", why]];
const answered = (code: string): Story["steps"] => [...asked, ["code-field", code], ["confirm-reveal"]];

/** What the gateway took out of two answers, of what was sent, and of a page. */
export const masked = (world: World) => {
  const whole = recording(OPENED_MS);
  const writes = whole.exchanges.filter((one) => one.write);
  const [first, second] = writes;
  const bodies = new Map([
    [first?.number, '{"name": "Ada", "e_mail": "[masked e-mail 7f3a91c2d0b4e6f8]", "account": "[masked account 2c9e40aa51d7f803]"}'],
    [second?.number, '{"account": "[masked account 2c9e40aa51d7f803]", "saved": true}'],
  ]);
  const exchanges = whole.exchanges.map((one) => {
    const body = bodies.get(one.number);
    return body ? { ...one, body, requestBody: body.replace(', "saved": true', "") } : one;
  });
  const pages = whole.pages.map((one, n) =>
    n === 2 ? { ...one, json: one.json.replace(/"textContent":"[^"]*"/, '"textContent":"[masked date of birth b81d5530f4c2996e]"') } : one,
  );
  world.recording = { exchanges, pages };
};

/** A change of a value that was masked, by one rule where it was shown and by another where it was sent. */
const maskedChange = (world: World) => {
  const { exchanges, pages } = recording(OPENED_MS);
  const mark = (text: string | null) =>
    text?.replaceAll("Felixstowe+nights", "[masked account a2a07ff3c2b774a7]").replaceAll("Felixstowe", "[masked text cf98217e65b0e076]") ??
    null;
  world.recording = { exchanges: exchanges.map((one) => ({ ...one, body: mark(one.body), requestBody: mark(one.requestBody) })), pages };
};

const failing = (call: string, code: string, message: string, next: string) => (world: World) => {
  masked(world);
  world.faults[call] = { code, message, next };
};
const beside =
  (...reveals: RevealView[]) =>
  (world: World) => {
    masked(world);
    world.reveals = reveals;
  };
const own = (over: Partial<RevealView> = {}) => reveal({ isOwn: true, ...over });
const open = (left: number) => own({ by: ["Ines Carvalho", "Tomasz Wieczorek"], readableUntil: NOW + left });
const waits = (world: World) => {
  world.reveals = [reveal({ maySign: true })];
};
/** With no request beside it, whose code could be meant. */
const waitsAlone = (world: World) => {
  waits(world);
  world.inbox = [];
};
const reading: Story["steps"] = [["reveal"]];
const signing = (code: string): Story["steps"] => [...reading, ["code-field", code], ["confirm-countersign-reveal"]];

/** Opening marks: asked for beside the replay, countersigned where all else is. */
export const revealStories: Record<string, Story> = {
  "replay-marks": { page, person: "ines", change: masked, steps: marks },
  "replay-marks-chosen": { page, person: "ines", change: masked, steps: chosen },
  "replay-marks-in-request": { page, person: "ines", change: masked, steps: [["view-requests"], ["request-15"]] },
  "replay-difference-marks": { page, person: "ines", change: maskedChange, steps: [["view-requests"], [`request-${changed}`]] },
  "replay-marks-asking": { page, person: "ines", change: masked, steps: asking },
  "replay-marks-wrong-code": { page, person: "ines", change: masked, steps: answered("000000") },
  "replay-marks-asked": { page, person: "ines", change: masked, steps: answered("419877") },
  "replay-marks-not-kept": {
    page,
    person: "ines",
    change: failing(
      "proposeReveal",
      "no-such-mark",
      "The Recording has no original for one of these marks.",
      "Copy the digits of marks that the replay shows; where the target keeps no originals, there are none.",
    ),
    steps: answered("419877"),
  },
  "replay-marks-own": {
    page,
    person: "ines",
    change: failing("proposeReveal", "own-session", "Nobody has marks opened of a Session of their own.", "Ask another reviewer."),
    steps: answered("419877"),
  },
  "replay-marks-offline": {
    page,
    person: "ines",
    change: (world) => {
      masked(world);
      offline(world);
    },
    steps: chosen,
  },
  "replay-marks-failed": {
    page,
    person: "ines",
    change: (world) => {
      masked(world);
      world.faults.reveals = away;
    },
    steps: marks,
  },
  "replay-marks-waiting": { page, person: "ines", change: beside(own()), steps: marks },
  "replay-marks-of-others": {
    page,
    person: "ines",
    change: beside(
      reveal({ by: ["Leila Haddad"], maySign: true }),
      reveal({ by: ["Rui Tanaka", "Tomasz Wieczorek"], readableUntil: NOW + 400, at: NOW - 900 }),
    ),
    steps: marks,
  },
  "replay-marks-open": { page, person: "ines", change: beside(open(899)), steps: marks },
  "replay-marks-shown": { page, person: "ines", change: beside(open(899)), steps: [...marks, ["show-values"]] },
  "replay-marks-read-failed": {
    page,
    person: "ines",
    change: (world) => {
      beside(open(899))(world);
      world.faults.readMarks = away;
    },
    steps: [...marks, ["show-values"]],
  },
  "replay-marks-over": { page, person: "ines", change: beside(open(-1)), steps: marks },
  "replay-marks-lapsed": { page, person: "ines", change: beside(own({ at: NOW - 86_401, until: NOW - 1 })), steps: marks },
  "approvals-reveal": { page: "approvals", person: "tomasz", change: waits },
  "approvals-reveal-reading": { page: "approvals", person: "tomasz", change: waits, steps: reading },
  "approvals-reveal-long": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      long(world);
      const name = world.state.person?.name ?? "";
      const many = Array.from({ length: 100 }, (_, n) => n.toString(16).padStart(16, "0"));
      const { organization, justification } = world.inbox[0] ?? reveal();
      world.reveals = [reveal({ maySign: true, by: [name], whose: name, marks: many, organization, justification })];
    },
    steps: reading,
  },
  "approvals-reveal-wrong-code": { page: "approvals", person: "tomasz", change: waitsAlone, steps: signing("000000") },
  "approvals-reveal-taken": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      waitsAlone(world);
      world.faults.countersignReveal = {
        code: "no-such-reveal",
        message: "Nothing waits under this name for a second signature.",
        next: "Load the list again: it may have lapsed, or somebody signed it meanwhile.",
      };
    },
    steps: signing("419877"),
  },
  "approvals-reveal-offline": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      waits(world);
      offline(world);
    },
    steps: reading,
  },
  "approvals-reveal-signed": { page: "approvals", person: "tomasz", change: waitsAlone, steps: signing("419877") },
  "approvals-reveal-alone": { page: "approvals", person: "tomasz", change: waitsAlone },
  "approvals-reveal-failed": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.faults.reveals = away;
    },
  },
  "approvals-reveal-reviewer": {
    page: "approvals",
    person: "ines",
    change: (world) => {
      world.reveals = [reveal({ by: ["Leila Haddad"], maySign: true })];
    },
  },
};
