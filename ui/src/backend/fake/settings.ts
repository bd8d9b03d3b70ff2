import { NOW } from "./samples";
import type { Story } from "./story";
import { long } from "./story";
import { away } from "./world";

const page = "settings";

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
