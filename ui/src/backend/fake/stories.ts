import type { AppState } from "../../generated/bindings";
import { lastMonth, policies, policyStories } from "./policies";
import { evidence } from "./evidence";
import { door, entries, sessions, stateOf } from "./oversight";
import { moreStories } from "./more";
import { qr } from "./qr";
import { revealStories } from "./reveals";
import { revokedKeyStories } from "./revokedKey";
import { runningStories } from "./running";
import { decided, inbox, mine, NOW, organizations } from "./samples";
import { ownDevices, settingsStories } from "./settings";
import { states } from "./states";
import { long, offline, type Story } from "./story";
import { away, type World } from "./world";

const people = {
  mara: ["Mara Lindqvist", "engineer", "MARA-T14"],
  tomasz: ["Tomasz Wieczorek", "approver", "TW-MBP"],
  ines: ["Ines Carvalho", "reviewer", "IC-T14"],
  ben: ["Ben Okafor", "administrator approver", "BO-MBP"],
} as const;
const setupStep = (step: AppState["step"]) => (world: World) => {
  world.state.step = step;
  if (step === "join" || step === "no-keyring") Object.assign(world.state, { operator: "", logKey: "", device: null });
  if (step === "join" || step === "no-keyring" || step === "sign-in") world.state.person = null;
};

/** Every state of every screen. */
export const stories: Record<string, Story> = {
  join: { page: "", person: "mara", change: setupStep("join") },
  keyring: {
    page: "",
    person: "mara",
    change: (world) => {
      setupStep("no-keyring")(world);
      world.state.status.keyring =
        "Start the system’s keyring, for example with gnome-keyring-daemon, unlock it, and open Countersign again.";
    },
  },
  "sign-in": { page: "", person: "mara", change: setupStep("sign-in") },
  "sign-in-failed": {
    page: "",
    person: "mara",
    change: (world) => {
      setupStep("sign-in")(world);
      world.faults.beginSignIn = {
        code: "provider",
        message: "Your company’s sign-in page does not answer.",
        next: "Check your network and try again.",
      };
    },
  },
  "sign-in-refused": {
    page: "",
    person: "mara",
    change: (world) => {
      setupStep("sign-in")(world);
      world.state.signInFailed = {
        code: "sign-in-refused",
        message: "Your company’s sign-in page refused: access_denied. Nobody is signed in.",
        next: "Try again with the account that you use at work. If it is refused again, ask an administrator whether you may use Countersign.",
      };
    },
  },
  enrolment: { page: "", person: "mara", change: setupStep("wait-for-enrolment") },
  "second-factor": { page: "", person: "mara", change: setupStep("second-factor") },
  "second-factor-reset": {
    page: "",
    person: "mara",
    change: (world) => {
      setupStep("second-factor")(world);
      world.faults.beginSecondFactor = {
        code: "fresh-sign-in-needed",
        message: "This takes a sign-in of the last ten minutes.",
        next: "Sign out and sign in again, then do it at once.",
      };
    },
  },
  code: { page: "", person: "mara", change: setupStep("code") },
  access: { page: "access", person: "mara" },
  "access-new-app": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.state.factor = { since: NOW - 1800, countsFrom: NOW + 1800, recoveryCodesLeft: 9 };
    },
  },
  "access-long": { page: "access", person: "mara", change: long },
  "access-empty": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.mine = [];
    },
  },
  "access-offline": { page: "access", person: "mara", change: offline },
  "access-failed": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.faults.requests = away;
    },
  },
  "access-loading": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.never.push("requests");
    },
  },
  "access-lost": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.mine = world.mine.map((one) => ({ ...one, openHere: false }));
      world.doors = [];
    },
  },
  "access-quit": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.asked = { kind: "quit", sessions: 1 };
    },
  },
  "access-code": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.needsCode = true;
    },
  },
  request: { page: "request?organization=kinloch-hotels&ticket=KP-48221", person: "mara" },
  "request-refused": {
    page: "request?organization=kinloch-hotels&ticket=KP-48221",
    person: "mara",
    change: (world) => {
      world.faults.signRequest = {
        code: "policy",
        message: "Policy changed while you were writing. Nothing was sent.",
        next: "Read & write is now 30 min at most. Choose a shorter time.",
      };
    },
  },
  approvals: { page: "approvals", person: "tomasz" },
  "approvals-long": { page: "approvals", person: "tomasz", change: long },
  "approvals-empty": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = [];
    },
  },
  "approvals-mismatch": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = world.inbox.map((one, at) =>
        at
          ? one
          : {
              ...one,
              decidable: false,
              left: { ...one.left, check: "does-not-match", refusal: "The key is not the one that was enrolled." },
            },
      );
    },
  },
  "approvals-stop": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = world.inbox.map((one, at) =>
        at
          ? one
          : {
              ...one,
              signals: [
                {
                  verdict: "stop",
                  title: "Nobody enrolled this Device.",
                  detail: "The chain of enrolments does not name it.",
                },
                ...one.signals,
              ],
            },
      );
    },
  },
  "approvals-failed": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.faults.approve = away;
    },
  },
  "approvals-enrol": {
    page: "approvals",
    person: "ben",
    change: (world) => {
      world.enrolments = [
        { person: "rui", name: "Rui Tanaka", device: "dev-rui", keyShort: "a91f 03de", since: NOW - 300, check: "checks-out" },
        { person: "leila", name: "Leila Haddad", device: "dev-leila", keyShort: "77c0 e1b2", since: NOW - 900, check: "checks-out" },
      ];
    },
  },
  "approvals-enrol-failed": {
    page: "approvals",
    person: "ben",
    change: (world) => {
      stories["approvals-enrol"]?.change?.(world);
      world.faults.enrol = away;
    },
  },
  ...policyStories,
  ...settingsStories,
  ...states,
  ...evidence,
  ...moreStories,
  ...revokedKeyStories,
  ...runningStories,
  ...revealStories,
};

export function worldOf(name: string): World {
  const story = stories[name] ?? stories.access;
  const [person, role, device] = people[story?.person ?? "mara"];
  const copy = structuredClone({ organizations, mine, inbox, decided, sessions, entries, doors: [door] });
  const world: World = {
    ...copy,
    state: stateOf(person, role, device),
    enrolments: [],
    devices: [
      { person: "rui", name: "Rui Tanaka", device: "dev-rui-old", keyShort: "0c4e 91d7", enrolledAt: NOW - 9 * 86_400, revoked: true },
      { person: "mara", name: "Mara Lindqvist", device: "dev-mara", keyShort: "51b8 c02a", enrolledAt: NOW - 30 * 86_400, revoked: false },
      {
        person: "tomasz",
        name: "Tomasz Wieczorek",
        device: "dev-tomasz",
        keyShort: "e7f3 6d10",
        enrolledAt: NOW - 31 * 86_400,
        revoked: false,
      },
    ],
    ownDevices: [],
    policies: policies(),
    lastMonth,
    forgotten: [],
    reveals: [],
    detail: {},
    recording: {},
    pageOf: 200,
    counted: null,
    exportsForEver: false,
    needsCode: false,
    untold: false,
    gatewayAway: false,
    qrSvg: qr(),
    notifications: { waits: true, decided: true, endsSoon: true, ended: true },
    faults: {},
    never: [],
    asked: null,
  };
  world.ownDevices = ownDevices(world);
  if (story?.person !== "mara") world.mine = [];
  story?.change?.(world);
  return world;
}
