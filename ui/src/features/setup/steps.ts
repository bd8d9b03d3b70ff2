import type { SetupStep } from "../../generated/bindings";

const order: SetupStep[] = ["join", "sign-in", "wait-for-enrolment", "second-factor", "code", "ready"];

/** Finished steps of the four on the page. */
export function stepsDone(step: SetupStep): number {
  const at = order.indexOf(step);
  if (at < 0) return 0;
  return Math.min(at, 4);
}
