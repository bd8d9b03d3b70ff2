import type { components as Audit } from "../../../docs/api/types/audit";
import type { components as Broker } from "../../../docs/api/types/broker";

// The services' own words, from the documents of their calls. The commands carry them as plain text.

export type Order = Audit["schemas"]["Order"];
export type ReasonCategory = Broker["schemas"]["ReasonCategory"];
export type RequestList = Broker["schemas"]["RequestList"];
export type Role = Broker["schemas"]["Role"];
export type Scope = Broker["schemas"]["Scope"];
export type ReviewVerdict = Audit["schemas"]["ReviewVerdict"];

/** All of them: one that is missing, or that the services do not know, does not compile. */
const every = <Word extends string>(all: Record<Word, true>) => Object.keys(all) as Word[];

/** As they weigh. */
export const scopes = every<Scope>({ diagnostics: true, read: true, "read-write": true, administer: true });
/** As they are offered. */
export const reasons = every<ReasonCategory>({
  "customer-reported-problem": true,
  "security-incident": true,
  "legal-disclosure": true,
  maintenance: true,
  "data-subject-request": true,
});
/** In which order Sessions are listed. */
export const orders = every<Order>({ newest: true, oldest: true, longest: true, shortest: true, findings: true, "findings-last": true });
