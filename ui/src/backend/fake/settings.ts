import { NOW } from "./samples";
import type { Story } from "./story";
import { long, offline } from "./story";
import { type World, away } from "./world";

const page = "settings";
const DAY = 86_400;

/** This computer, and another one that was let in before. */
export const ownDevices = ({ state }: World): World["ownDevices"] => [
  {
    device: state.device?.key ?? "dev-here",
    keyShort: state.device?.keyShort ?? "51b8 c02a",
    here: true,
    enrolledAt: NOW - 30 * DAY,
    signedInAt: NOW - 2400,
    waitsUntil: null,
    revoked: false,
    check: "checks-out",
  },
  other({}),
];

const other = (change: Partial<World["ownDevices"][number]>): World["ownDevices"][number] => ({
  device: "dev-other",
  keyShort: "9d27 f41c",
  here: false,
  enrolledAt: NOW - 200 * DAY,
  signedInAt: NOW - 3 * DAY,
  waitsUntil: null,
  revoked: false,
  check: "checks-out",
  ...change,
});

const unanswered = "The broker does not answer. Nothing was changed.";

/** Until the code is in, and sent. */
const removed = (code: string): NonNullable<Story["steps"]> => [
  ["remove-dev-other"],
  ["revoke-reason", "It was left on a train."],
  ["code-field", code],
  ["confirm-revoke"],
];

/** Opens the part about them. */
const devices = (change: (world: World) => void, steps?: Story["steps"]): Story => ({
  page: `${page}/devices`,
  person: "mara",
  change,
  steps,
});

export const settingsStories: Record<string, Story> = {
  settings: {
    page,
    person: "mara",
    change: (world) => {
      world.state.factor = { since: NOW - 40 * 86_400, countsFrom: NOW - 40 * 86_400, recoveryCodesLeft: 9 };
    },
  },
  "settings-long": { page, person: "ben", change: long },
  "settings-failed": {
    page,
    person: "tomasz",
    change: (world) => {
      world.faults.setTheme = away;
    },
  },
  "settings-devices": devices((world) => {
    world.ownDevices.push(
      other({ device: "dev-new", keyShort: "e03c 7b5a", enrolledAt: NOW - 600, signedInAt: NOW - 540, waitsUntil: NOW + 3000 }),
      other({ device: "dev-lost", keyShort: "27aa 09ef", enrolledAt: NOW - 420 * DAY, signedInAt: null, revoked: true }),
    );
  }),
  "settings-devices-only": devices((world) => {
    world.ownDevices.length = 1;
    Object.assign(world.ownDevices[0] ?? {}, { enrolledAt: null, signedInAt: null });
  }),
  "settings-devices-new": devices((world) => {
    Object.assign(world.ownDevices[0] ?? {}, { enrolledAt: NOW - 600, signedInAt: NOW - 540, waitsUntil: NOW + 3000 });
  }),
  "settings-devices-not-theirs": devices((world) => {
    world.ownDevices.push(other({ device: "dev-strange", keyShort: "c4d1 55e8", check: "does-not-match" }));
  }),
  "settings-devices-loading": devices((world) => world.never.push("ownDevices")),
  "settings-devices-failed": devices((world) => Object.assign(world.faults, { ownDevices: { ...away, message: unanswered } })),
  "settings-devices-offline": devices(offline),
  "settings-devices-remove": devices(() => {}, [["remove-dev-other"], ["revoke-reason", "It was left on a train."]]),
  "settings-devices-remove-here": devices(
    (world) => Object.assign(world.ownDevices[0] ?? {}, { device: "dev-here" }),
    [["remove-dev-here"]],
  ),
  "settings-devices-remove-failed": devices(
    (world) => Object.assign(world.faults, { revokeDevice: { ...away, message: unanswered } }),
    removed("123456"),
  ),
  "settings-devices-removing": devices((world) => world.never.push("revokeDevice"), removed("123456")),
  "settings-devices-removed": devices((world) => Object.assign(world, { gatewayAway: true }), removed("123456")),
  "settings-notifications": {
    page: "settings/notifications",
    person: "ines",
    change: (world) => {
      world.notifications = { waits: true, decided: false, endsSoon: true, ended: false };
    },
  },
  "settings-quiet-hours": {
    page: "settings/notifications",
    person: "tomasz",
    change: (world) => {
      world.notifications = { ...world.notifications, quiet: { from: 22 * 60, until: 7 * 60 } };
    },
  },
  "settings-quiet-hours-same": {
    page: "settings/notifications",
    person: "tomasz",
    steps: [["quiet-hours"], ["quiet-until", "1320"]],
  },
  "settings-notifications-not-kept": {
    page: "settings/notifications",
    person: "mara",
    change: (world) => {
      world.faults.setNotifications = { ...away, code: "not-kept" };
    },
    steps: [["notify-decided"]],
  },
  "settings-notifications-unknown": {
    page: "settings/notifications",
    person: "mara",
    change: (world) => {
      world.faults.notifications = away;
    },
  },
};
