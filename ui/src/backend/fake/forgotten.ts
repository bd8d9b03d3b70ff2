import type { ForgottenSessionView } from "../../generated/bindings";
import { NOW } from "./samples";

const DAY = 24 * 3600;

/** A customer who left. */
export const forgotten: ForgottenSessionView[] = ["S-80211", "S-80140"].map((id, place) => ({
  id,
  scope: place === 0 ? "read" : "diagnostics",
  openedAt: NOW - (41 + place) * DAY,
  endsAt: NOW - (41 + place) * DAY + 1800,
  endedAt: NOW - (41 + place) * DAY + 1200,
  forgotten: {
    id: "f-7731",
    organization: { id: "harbour-lane", name: "Harbour Lane Dental" },
    by: ["Ben Okafor", "Sofia Marques"],
    justification: "The customer left, and asked for it in writing.",
    at: NOW - 3 * DAY,
  },
}));
