import { FlagIcon, InfoIcon, WarningIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import type { FindingCounts } from "../generated/bindings";
import { words } from "./words";

const say = words.findings;

/** How much a finding weighs, as a shape. */
export function WeightMark({ weight }: { weight: string }) {
  const label = say.weight[weight] ?? weight;
  if (weight === "stop") return <WarningOctagonIcon size={16} className="red" aria-label={label} />;
  if (weight === "look") return <WarningIcon size={16} className="amber" aria-label={label} />;
  return <InfoIcon size={16} className="t3" aria-label={label} />;
}

/** How many findings a Session has; nothing while nobody has looked, or where there are none. */
export function FindingCount({ counts }: { counts: FindingCounts | null }) {
  if (!counts) return null;
  const { stop, look, note } = counts;
  if (stop + look + note === 0) return null;
  const parts = [say.stops(stop), say.looks(look), say.notes(note)].filter(Boolean);
  const tone = stop > 0 ? "red" : look > 0 ? "amber" : "t3";
  const told = parts.join(", ");
  return (
    <span className={`row gap-1 ${tone}`} role="img" aria-label={told} title={told} data-testid="finding-count">
      <FlagIcon size={14} aria-hidden="true" />
      <b>{stop + look + note}</b>
    </span>
  );
}
