import { CheckIcon, ClockIcon, WarningIcon } from "@phosphor-icons/react";
import { useAppState } from "../../backend/state";
import type { LogView, WitnessView } from "../../generated/bindings";
import { thousands } from "../../parts/format";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.log.witnesses;

type Track = { key: string; name: string; note: string; size: number; at: number | null; trouble: string };

function tracks(log: LogView, device: string): Track[] {
  const own = { key: "this", name: say.thisComputer(device), note: "", size: log.size, at: log.checkedAt, trouble: "" };
  const others = log.witnesses.map((one: WitnessView) => ({
    key: `${one.kind} ${one.name} ${one.keyShort}`,
    name: one.kind === "computer" ? say.computer(one.name, one.keyShort) : one.name,
    note: one.kind === "outside" ? (one.pinned ? say.outside : say.notPinned) : "",
    size: one.size,
    at: one.at,
    trouble: one.trouble,
  }));
  return [own, ...others];
}

/** How far each witness has come, and when: as much as this computer verified of it. */
export function Witnesses({ log }: { log: LogView }) {
  const { device } = useAppState();
  const largest = Math.max(log.size, ...log.witnesses.map((one) => one.size), 1);
  return (
    <ul className="tracks" aria-label={say.title} data-testid="witnesses">
      {tracks(log, device?.name ?? "").map((track) => {
        const Icon = track.trouble ? WarningIcon : track.size > 0 ? CheckIcon : ClockIcon;
        return (
          <li key={track.key} data-testid={`witness-${track.key}`}>
            <Icon size={16} className={track.trouble ? "amber" : track.size > 0 ? "seal" : "t3"} />
            <div>
              <b>{track.name}</b>
              <div className="t2 s12">
                {track.at === null ? (
                  say.nothing
                ) : (
                  <Time at={track.at} as="ago" say={(time) => say.saw(thousands(track.size), time)} />
                )}
                {track.note ? ` ${track.note}` : ""}
                {track.trouble ? ` ${track.trouble}` : ""}
              </div>
              <div className="track" aria-hidden="true">
                <span style={{ width: `${(100 * track.size) / largest}%` }} />
              </div>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
