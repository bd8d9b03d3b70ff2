import type { MoreView, Notice, RequestView } from "../../generated/bindings";
import type { Backend } from "../backend";
import { door } from "./oversight";
import { hex, NOW, organization, request, signature } from "./samples";
import type { Story } from "./story";
import type { World } from "./world";

const read = { ...door, scope: "read" };
const asked = (over: Partial<MoreView>): MoreView => ({
  request: hex("more", 64),
  seconds: 900,
  endsAt: read.endsAt + 900,
  state: "waiting",
  why: "",
  ...over,
});
const withMore = (over: Partial<MoreView>) => (world: World) => {
  const more = asked(over);
  world.doors = [{ ...read, more, endsAt: more.state === "extended" ? more.endsAt : read.endsAt }];
};

/** A request of Mara's for a quarter of an hour more in the Session of the bar. */
const extension = (over: Partial<RequestView>): RequestView =>
  request({
    organization: organization("delmar-foods"),
    id: hex("more", 64),
    ticket: "KP-48213",
    durationSeconds: 4500,
    left: signature("Mara Lindqvist", NOW - 90),
    until: door.endsAt,
    justification: "Two people are left to check before the run can be released.",
    extends: { session: door.session, request: door.request, openedAt: door.openedAt, endsAt: door.endsAt, moreSeconds: 900 },
    signals: [
      {
        verdict: "look",
        title: "This asks for more time in a Session that is open.",
        detail: "15 min more in the Session that has been open for 36 min; 75 min in all.",
      },
    ],
    ...over,
  });
const own = { mine: true, decidable: false };
/** Mara's Session, to look only, so that policy leaves room; with what was asked for in it as the list says it. */
const inAccess = (over: Partial<MoreView> | null, asked?: Partial<RequestView>) => (world: World) => {
  const opened = world.mine.find((one) => one.id === read.request);
  if (opened) Object.assign(opened, { scope: "read" });
  if (over) withMore(over)(world);
  else world.doors = [read];
  if (asked) world.mine.push(extension({ ...own, ...asked }));
};
const codeNeeded = (world: World) => {
  inAccess(null)(world);
  world.needsCode = true;
};
const denial = "Read is enough to answer this";

/** The states of more time in a Session, where it is asked for, where it is signed, and where it is listed. */
export const moreStories: Record<string, Story> = {
  "bar-more": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [read];
    },
  },
  "bar-more-code": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [read];
      world.needsCode = true;
    },
  },
  "bar-more-last": {
    page: "bar",
    person: "mara",
    change: (world) => {
      world.doors = [{ ...read, endsAt: NOW + 290 }];
    },
  },
  "bar-more-waiting": { page: "bar", person: "mara", change: withMore({}) },
  "bar-more-countersigned": { page: "bar", person: "mara", change: withMore({ state: "countersigned" }) },
  "bar-more-old-code": { page: "bar", person: "mara", change: withMore({ state: "code-needed" }) },
  "bar-more-extended": { page: "bar", person: "mara", change: withMore({ state: "extended" }) },
  "bar-more-denied": { page: "bar", person: "mara", change: withMore({ state: "denied", why: denial }) },
  "bar-more-expired": { page: "bar", person: "mara", change: withMore({ state: "expired" }) },
  "bar-more-refused": {
    page: "bar",
    person: "mara",
    change: withMore({ state: "refused", why: "This Session is over. Ask for access again." }),
  },
  "access-more": {
    page: "access",
    person: "mara",
    change: (world) => {
      const ended = world.mine.find((one) => one.state === "ended");
      world.mine.push(extension(own));
      if (ended)
        world.mine.push(
          extension({
            ...own,
            id: hex("more before", 64),
            organization: ended.organization,
            state: "ended",
            endedBy: "extended",
            durationSeconds: ended.durationSeconds + 900,
            extends: { session: "S-90355", request: ended.id, openedAt: ended.left.at, endsAt: ended.left.at + 1080, moreSeconds: 900 },
          }),
        );
    },
  },
  "access-more-countersigned": {
    page: "access",
    person: "mara",
    change: (world) => {
      world.mine.push(extension({ ...own, state: "approved", right: [signature("Tomasz Wieczorek", NOW - 5, "approve")] }));
    },
  },
  "access-extending": { page: "access", person: "mara", change: inAccess(null), steps: [["extend-session"]] },
  "access-extending-code": {
    page: "access",
    person: "mara",
    change: codeNeeded,
    steps: [["extend-session"], ["more-1800"], ["send-more"]],
  },
  "access-extending-wrong-code": {
    page: "access",
    person: "mara",
    change: codeNeeded,
    steps: [["extend-session"], ["code-field", "000000"], ["send-more"]],
  },
  "access-extending-none": { page: "access", person: "mara", steps: [["extend-session"]] },
  "access-extend-asked": { page: "access", person: "mara", change: inAccess(null), steps: [["extend-session"], ["send-more"]] },
  "access-more-old-code": {
    page: "access",
    person: "mara",
    change: inAccess({ state: "code-needed" }, { state: "approved", right: [signature("Tomasz Wieczorek", NOW - 5, "approve")] }),
  },
  "access-extended": {
    page: "access",
    person: "mara",
    change: (world) => {
      inAccess({ state: "extended" }, { state: "ended", endedBy: "extended" })(world);
      for (const one of world.mine) if (one.id === read.request) one.sessionEndsAt = read.endsAt + 900;
    },
  },
  "access-more-denied": {
    page: "access",
    person: "mara",
    change: inAccess(
      { state: "denied", why: denial },
      { state: "denied", right: [signature("Tomasz Wieczorek", NOW - 5, "deny", denial)] },
    ),
  },
  "approvals-more": {
    page: "approvals",
    person: "tomasz",
    change: (world) => {
      world.inbox = [extension({ left: signature("Mara Lindqvist", NOW - 300) }), ...world.inbox.slice(1)];
    },
  },
};

/** Asks in the world of a story; it waits there. */
export const askForMore =
  (
    world: World,
    failing: (call: string) => Promise<unknown>,
    checkCode: (code: string) => void,
    refuse: Refuse,
    tell: (notice: Notice) => void,
  ): Backend["askForMore"] =>
  async (id, seconds, code) => {
    await failing("askForMore");
    if (code === null && world.needsCode)
      refuse("code-needed", "Opening needs a code that is at most 15 minutes old.", "Enter the code that your authenticator shows now.");
    if (code !== null) checkCode(code);
    const door = world.doors.find((one) => one.request === id) ?? refuse("not-open-here", "It is not open here.", "Open it first.");
    world.doors = world.doors.map((one) => (one === door ? { ...one, more: asked({ seconds, endsAt: one.endsAt + seconds }) } : one));
    const { session, openedAt, endsAt } = door;
    const signed = extension({
      ...own,
      left: signature("Mara Lindqvist", NOW),
      durationSeconds: endsAt - openedAt + seconds,
      extends: { session, request: id, openedAt, endsAt, moreSeconds: seconds },
    });
    world.mine = [...world.mine.filter((one) => one.id !== signed.id), signed];
    tell({ kind: "door", session });
    return signed;
  };

type Refuse = (code: string, message: string, next: string) => never;

/** Wherever the Organization's page goes, one is there then. */
export function loaded(world: World, session: string) {
  world.doors = world.doors.map((one) => (one.session === session ? { ...one, pageStopped: false } : one));
}
