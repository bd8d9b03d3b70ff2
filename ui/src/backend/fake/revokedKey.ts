import type { UiError } from "../../generated/bindings";
import { NOW } from "./samples";
import type { Story } from "./story";
import { away, type World } from "./world";

const noProof: UiError = {
  code: "key-counts",
  message: "The log has no revocation of this computer’s key.",
  next: "The key was not touched. If the server refuses it all the same, tell an administrator.",
};

const out = (world: World) => {
  world.state.step = "key-revoked";
  world.state.revoked = { by: "Ben Okafor", reason: "The laptop was left on a train.", at: NOW - 5400, notProven: null };
};
const said = (world: World) => {
  world.state.revoked = { by: "", reason: "", at: null, notProven: noProof };
};

/** When this computer's own key is out, and when a server only says so. */
export const revokedKeyStories: Record<string, Story> = {
  "key-revoked": { page: "", person: "mara", change: out },
  "key-revoked-going": {
    page: "",
    person: "mara",
    change: (world) => (out(world), world.never.push("newKey")),
    steps: [["new-key"]],
  },
  "key-revoked-failed": {
    page: "",
    person: "mara",
    change: (world) => {
      out(world);
      world.faults.newKey = { ...away, message: "The audit service does not answer. Nothing was changed." };
    },
    steps: [["new-key"]],
  },
  "key-not-proven": {
    page: "",
    person: "mara",
    change: (world) => {
      world.state.step = "code";
      said(world);
    },
  },
  "settings-key-not-proven": { page: "settings", person: "mara", change: said },
};
