import { later } from "../parts/later";

export const RequestAccess = later(() => import("../screens/RequestAccess").then((from) => from.RequestAccess));
export const Approvals = later(() => import("../screens/Approvals").then((from) => from.Approvals));
export const Live = later(() => import("../screens/Live").then((from) => from.Live));
export const Sessions = later(() => import("../screens/Sessions").then((from) => from.Sessions));
export const Replay = later(() => import("../screens/Replay").then((from) => from.Replay));
export const Policy = later(() => import("../screens/Policy").then((from) => from.Policy));
export const Settings = later(() => import("../screens/Settings").then((from) => from.Settings));
export const AuditLog = later(() => import("../screens/AuditLog").then((from) => from.AuditLog));

/** Every page but the one that the first picture may be. */
export const pages = [RequestAccess, Approvals, Live, Sessions, Replay, Policy, Settings, AuditLog];
