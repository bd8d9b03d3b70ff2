import type { SignalView } from "../../generated/bindings";

const order = ["stop", "look", "fits"];

export const count = (signals: SignalView[], verdict: string) => signals.filter((one) => one.verdict === verdict).length;

/** Worst first, at most seven. */
export function worstFirst(signals: SignalView[]): SignalView[] {
  return [...signals].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict)).slice(0, 7);
}
