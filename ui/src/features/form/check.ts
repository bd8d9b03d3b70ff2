import type { PolicyRuleView, PolicyView, RequestForm } from "../../generated/bindings";
import { words } from "../../parts/words";

export const durations = [900, 1800, 3600, 7200, 14_400];
export const SHORTEST = 20;
export const LONGEST = 1000;

export function ruleOf(policy: PolicyView, reason: string, scope: string): PolicyRuleView | null {
  return policy.rules.find((rule) => rule.reason === reason && rule.scope === scope) ?? null;
}

/** Seconds that policy allows; 0 when it does not allow the scope. */
export function longestOf(policy: PolicyView, reason: string, scope: string): number {
  return ruleOf(policy, reason, scope)?.maxDurationSeconds ?? 0;
}

export type Field = keyof typeof words.form.wrong;

/** What keeps the form from being signed, field by field, in reading order. */
export function wrongOf(form: RequestForm, policy: PolicyView): Partial<Record<Field, string>> {
  const { wrong } = words.form;
  const found: Partial<Record<Field, string>> = {};
  if (!form.ticket.trim()) found.ticket = wrong.ticket;
  if (!form.organization) found.organization = wrong.organization;
  const length = [...form.justification.trim()].length;
  if (length < SHORTEST) found.justification = wrong.justification;
  if (length > LONGEST) found.justification = wrong.long;
  const longest = longestOf(policy, form.reason, form.scope);
  if (longest === 0) found.scope = wrong.scope;
  else if (form.durationSeconds > longest) found.duration = wrong.duration;
  return found;
}

/** The longest of the offered times that fits, so that a change of scope leaves a form that can be signed. */
export function fitDuration(seconds: number, longest: number): number {
  if (seconds <= longest || longest === 0) return seconds;
  return durations.filter((one) => one <= longest).at(-1) ?? longest;
}
