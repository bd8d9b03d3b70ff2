import { later } from "../parts/later";

/** What is behind the sign-in. The window's first picture waits for none of it. */
export const Inside = later(() => import("./Inside").then((from) => from.Inside));
export const RequestAccess = later(() => import("../screens/RequestAccess").then((from) => from.RequestAccess));
export const Approvals = later(() => import("../screens/Approvals").then((from) => from.Approvals));
export const Sessions = later(() => import("../screens/Sessions").then((from) => from.Sessions));
export const Replay = later(() => import("../screens/Replay").then((from) => from.Replay));
export const Policy = later(() => import("../screens/Policy").then((from) => from.Policy));
export const Settings = later(() => import("../screens/Settings").then((from) => from.Settings));
export const AuditLog = later(() => import("../screens/AuditLog").then((from) => from.AuditLog));

const all = [Inside, RequestAccess, Approvals, Sessions, Replay, Policy, Settings, AuditLog];
const STANDING_MS = 400;

/** One after the other, so that what a person does meanwhile comes between. */
export async function loadAll() {
  for (const page of all) await page.load();
}

/** Once the first picture stands: nobody waits for a page that they go to. */
export function loadAllSoon(): () => void {
  const timer = setTimeout(() => void loadAll().catch(() => {}), STANDING_MS);
  return () => clearTimeout(timer);
}
