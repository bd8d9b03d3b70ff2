import type { LogView } from "../../generated/bindings";

/**
 * How much of the log some other witness confirmed to this computer, and how many did. One whose key nobody but the audit service
 * vouches for confirms nothing: the service could have made it.
 */
export function reach(log: LogView): { size: number; witnesses: number; unseen: number } {
  const known = log.witnesses.filter((one) => one.pinned && one.size > 0);
  const size = Math.min(log.size, Math.max(0, ...known.map((one) => one.size)));
  return { size, witnesses: known.length, unseen: log.size - size };
}
