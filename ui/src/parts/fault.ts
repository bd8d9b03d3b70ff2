import type { UiError } from "../generated/bindings";

/** What to say at the code field; null when the fault is not about the code that was typed. */
export function wrongCode(fault: UiError | null): string | null {
  return fault && (fault.code === "wrong-code" || fault.code === "code-used") ? `${fault.message} ${fault.next}` : null;
}
