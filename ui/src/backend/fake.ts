import type { AppState, Notice, RequestView, UiError } from "../generated/bindings";
import { type Backend, Fault } from "./backend";
import type { RequestList } from "./wire";
import { worldOf } from "./fake/stories";
import type { World } from "./fake/world";
import { detail, door } from "./fake/oversight";
import { NOW, past, request, signature } from "./fake/samples";
import { askForMore, loaded } from "./fake/more";
import { lists } from "./fake/lists";
import { live } from "./fake/live";
import { adopting } from "./fake/policies";
import { recording } from "./fake/recording";
import { revealing } from "./fake/revealing";

const refuse = (code: string, message: string, next: string): never => {
  throw new Fault({ code, message, next } satisfies UiError);
};

/** What a list says of a request: nothing of what came before it. */
const listed = (one: RequestView): RequestView => ({ ...one, signals: one.signals.filter((signal) => !past.test(signal.title)) });

/** Of nobody. */
const recoveryCodes = Array.from({ length: 10 }, (_, n) => `${n + 2}xmp-9gqy-7enw-5ckt`.replace("10", "za").replace("11", "zb"));

/** An engine in memory, set up for one state of one screen. The code 000000 is wrong; every other six digits are right. */
export function fake(story: string): Backend {
  const world = worldOf(story);
  const ears = new Set<(notice: Notice) => void>();
  const tell = (notice: Notice) => ears.forEach((hear) => hear(notice));
  const failing = (call: string) => {
    if (world.never.includes(call)) return new Promise<never>(() => {});
    const fault = world.faults[call];
    return fault ? Promise.reject(new Fault(fault)) : Promise.resolve();
  };
  const checkCode = (code: string) => {
    if (code === "000000")
      refuse("wrong-code", "That code is not right. 4 tries left.", "Check the clock on your phone and type the code it shows now.");
  };
  const step = (next: AppState["step"]) => {
    world.state.step = next;
    tell({ kind: "state" });
  };
  const find = (id: string): RequestView =>
    [...world.mine, ...world.inbox, ...world.decided].find((one) => one.id === id) ??
    refuse("no-such-request", "There is no such request.", "Load the list again.");
  const settle = (one: RequestView, change: Partial<RequestView>) => {
    Object.assign(one, change);
    tell({ kind: "requests", id: one.id, text: "" });
    return { ...one };
  };
  const requestsOf = (view: RequestList) => (view === "mine" ? world.mine : view === "inbox" ? world.inbox : world.decided);
  return {
    ...setup(world, step, checkCode, failing),
    organizations: async () => (await failing("organizations"), world.organizations),
    requests: async (view) => (await failing("requests"), requestsOf(view).map(listed)),
    request: async (id) => (await failing("request"), { ...find(id) }),
    async signRequest(form) {
      await failing("signRequest");
      const organization =
        world.organizations.find((one) => one.id === form.organization) ??
        refuse("unknown-organization", "There is no such Organization.", "Choose another one.");
      const signed = request({
        ...form,
        organization,
        mine: true,
        decidable: false,
        until: NOW + 14_400,
        left: signature(world.state.person?.name ?? "", NOW),
      });
      world.mine.unshift(signed);
      return settle(signed, {});
    },
    async withdraw(id) {
      await failing("withdraw");
      world.doors = world.doors.map((one) => (one.more?.request === id ? { ...one, more: { ...one.more, state: "withdrawn" } } : one));
      tell({ kind: "door", session: door.session });
      return settle(find(id), { state: "withdrawn" });
    },
    async approve(id, comment, code) {
      await failing("approve");
      checkCode(code);
      const one = find(id);
      world.inbox = world.inbox.filter((other) => other !== one);
      world.decided.unshift(one);
      return settle(one, {
        state: "approved",
        decidable: false,
        right: [signature(world.state.person?.name ?? "", NOW, "approve", comment)],
      });
    },
    async deny(id, comment) {
      const one = find(id);
      world.inbox = world.inbox.filter((other) => other !== one);
      world.decided.unshift(one);
      return settle(one, { state: "denied", decidable: false, right: [signature(world.state.person?.name ?? "", NOW, "deny", comment)] });
    },
    enrolments: async () => (await failing("enrolments"), world.enrolments),
    async enrol(person, _device, code) {
      await failing("enrol");
      checkCode(code);
      world.enrolments = world.enrolments.filter((one) => one.person !== person);
      tell({ kind: "enrolments" });
    },
    devices: async () => (await failing("devices"), world.devices),
    ownDevices: async () => (await failing("ownDevices"), world.ownDevices),
    async revokeGrant(id) {
      await failing("revokeGrant");
      const one = [...world.mine, ...world.inbox, ...world.decided].find((other) => other.id === id);
      if (one) settle(one, { state: "ended", endedBy: "revoked", decidable: false });
      return { ended: 1, sessions: [], gateway: true };
    },
    async revokeDevice(device, _reason, code) {
      await failing("revokeDevice");
      checkCode(code);
      world.devices = world.devices.map((one) => (one.device === device ? { ...one, revoked: true } : one));
      if (world.ownDevices.some((one) => one.here && one.device === device)) step("sign-in");
      world.ownDevices = world.ownDevices.map((one) => (one.device === device ? { ...one, revoked: true } : one));
      return { ended: 0, sessions: [], gateway: !world.gatewayAway };
    },
    async revokePerson(person, _reason, code) {
      await failing("revokePerson");
      checkCode(code);
      world.devices = world.devices.map((one) => (one.person === person ? { ...one, revoked: true } : one));
      return { ended: 0, sessions: [], gateway: true };
    },
    async openSession(id, code) {
      await failing("openSession");
      if (code === null && world.needsCode)
        refuse("code-needed", "Opening a session asks for a code.", "Type the code that your app shows now.");
      if (code !== null) checkCode(code);
      const one = find(id);
      const opened = {
        ...door,
        request: one.id,
        organization: one.organization,
        scope: one.scope,
        ticket: one.ticket,
        session: "S-90413",
        openedAt: NOW,
        endsAt: NOW + one.durationSeconds,
      };
      world.doors.push(opened);
      settle(one, { state: "open", openHere: true, session: opened.session, sessionEndsAt: opened.endsAt });
      return opened;
    },
    askForMore: askForMore(world, failing, checkCode, refuse, tell),
    async endSession(id) {
      world.doors = world.doors.map((one) => (one.request === id ? { ...one, endedBy: "ended-by-requester" } : one));
      const one = world.mine.find((other) => other.id === id);
      if (one) settle(one, { state: "ended", endedBy: "ended-by-requester", openHere: false });
      tell({ kind: "door", session: door.session });
    },
    showSession: async () => {},
    moveSession: async (session) => (loaded(world, session), tell({ kind: "door", session })),
    doors: async () => (await failing("doors"), world.doors),
    ...lists(world, failing, tell),
    async session(id) {
      await failing("session");
      const one =
        world.sessions.find((other) => other.id === id) ?? refuse("not-found", "There is no such session.", "Go back to the list.");
      return { ...detail(one), ...world.detail };
    },
    async recording(id) {
      await failing("recording");
      const one = world.sessions.find((other) => other.id === id);
      return { ...recording((one?.openedAt ?? NOW) * 1000), ...world.recording };
    },
    ...live(world, failing, checkCode),
    ...adopting(world, failing, checkCode, refuse, () => tell({ kind: "policies" })),
    ...revealing(world, failing, checkCode, refuse, () => tell({ kind: "log" })),
    review: async (id, verdict) => {
      await failing("review");
      const one = world.sessions.find((other) => other.id === id);
      if (one) one.review = verdict;
      world.detail = {
        ...world.detail,
        reviewable: false,
        reviews: [{ name: world.state.person?.name ?? "", at: NOW, verdict, note: "", check: "checks-out" }],
      };
      tell({ kind: "log" });
    },
    entries: async (before) => (
      await failing("entries"),
      world.entries.filter((entry) => before === null || entry.index < before).slice(0, 30)
    ),
    checkLog: async () => (await failing("checkLog"), tell({ kind: "log" }), world.state.status.log),
    makeEvidence: async (session) => (await failing("makeEvidence"), `/home/you/Downloads/${session}.evidence`),
    ...shell(world, failing),
    listen(hear) {
      ears.add(hear);
      return () => void ears.delete(hear);
    },
    playerAddress: () => new URLSearchParams(window.location.search).get("player") ?? "player.html",
  };
}

type Shell = Pick<
  Backend,
  "fitBar" | "putAway" | "closeWindow" | "setTheme" | "notifications" | "setNotifications" | "quit" | "stay" | "asked"
>;

/** The windows around the pages: it asks what the story has it ask. */
function shell(world: World, failing: (call: string) => Promise<unknown>): Shell {
  return {
    fitBar: async () => {},
    putAway: async () => {},
    closeWindow: async () => {},
    setTheme: async () => void (await failing("setTheme")),
    notifications: async () => (await failing("notifications"), world.notifications),
    async setNotifications(wanted) {
      world.notifications = wanted;
      await failing("setNotifications");
    },
    quit: async () => {},
    stay: async () => {},
    asked(hear) {
      const timer = setTimeout(() => world.asked && hear(world.asked), 0);
      return () => clearTimeout(timer);
    },
  };
}

type Setup = Pick<
  Backend,
  | "state"
  | "join"
  | "beginSignIn"
  | "cancelSignIn"
  | "openUrl"
  | "beginSecondFactor"
  | "confirmSecondFactor"
  | "replaceSecondFactor"
  | "makeRecoveryCodes"
  | "resetFactor"
  | "enterCode"
  | "signOut"
  | "newKey"
>;

function setup(
  world: World,
  step: (next: AppState["step"]) => void,
  checkCode: (code: string) => void,
  failing: (call: string) => Promise<unknown>,
): Setup {
  return {
    state: async () => (await failing("state"), structuredClone(world.state)),
    async join(text) {
      if (!text.includes("{"))
        refuse("join-file", "That is not a join file.", "Ask whoever runs Countersign at your company for the join file.");
      step("sign-in");
    },
    async beginSignIn() {
      await failing("beginSignIn");
      return { url: "http://127.0.0.1:41234/start", matchCode: "4K7-Q2M" };
    },
    cancelSignIn: async () => {},
    openUrl: async () => {},
    beginSecondFactor: async () => (await failing("beginSecondFactor"), { qrSvg: world.qrSvg, secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP" }),
    async confirmSecondFactor(code) {
      checkCode(code);
      world.state.factor = { since: NOW, countsFrom: NOW, recoveryCodesLeft: 10 };
      step("ready");
      return { codes: recoveryCodes };
    },
    async replaceSecondFactor(code) {
      await failing("replaceSecondFactor");
      checkCode(code);
      return { qrSvg: world.qrSvg, secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP" };
    },
    async makeRecoveryCodes(code) {
      checkCode(code);
      return { codes: recoveryCodes };
    },
    async resetFactor(_person, _reason, code) {
      await failing("resetFactor");
      checkCode(code);
    },
    async enterCode(code) {
      checkCode(code);
      step("ready");
    },
    signOut: async () => step("sign-in"),
    async newKey() {
      await failing("newKey");
      Object.assign(world.state, { person: null, revoked: null });
      if (world.state.device) world.state.device = { ...world.state.device, key: "key-anew", keyShort: "c80f 22b1" };
      step("sign-in");
    },
  };
}
