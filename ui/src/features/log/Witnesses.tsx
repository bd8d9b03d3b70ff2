import { ClockIcon, WarningIcon } from "@phosphor-icons/react";
import type { CSSProperties } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAppState } from "../../backend/state";
import type { LogView, WitnessView } from "../../generated/bindings";
import { thousands } from "../../parts/format";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { farOf, spanOf, ticksOf } from "./ages";
import "./witnesses.css";

const say = words.log.witnesses;

type Track = { key: string; name: string; note: string; size: number; at: number | null; trouble: string[] };

function tracks(log: LogView, device: string): Track[] {
  const own = { key: "this", name: say.thisComputer(device), note: say.you, size: log.size, at: log.checkedAt, trouble: [] };
  const others = log.witnesses.map((one: WitnessView) => ({
    key: `${one.kind} ${one.name} ${one.keyShort}`,
    name: one.kind === "computer" ? say.computer(one.name) : one.name,
    note: one.kind === "computer" ? say.key(one.keyShort) : say.outside,
    size: one.size,
    at: one.at,
    trouble: [one.pinned ? "" : say.notPinned, one.trouble].filter(Boolean),
  }));
  return [own, ...others];
}

const startsAt = (share: number) => ({ insetInlineStart: `${share * 100}%` }) satisfies CSSProperties;

/** How far it has come: a line to the moment, and the half of a tally at its end; broken where nothing new comes from it. */
function Run({ track, at, far }: { track: Track; at: number; far: number }) {
  return (
    <div className={track.trouble.length > 0 ? "run away" : "run"}>
      <i className="line" style={{ inlineSize: `${far * 100}%` }} aria-hidden="true" />
      <i className="end" style={startsAt(far)} aria-hidden="true" />
      <div className="reach" style={startsAt(far)}>
        <b>{thousands(track.size)}</b>
        <span className="unseen">{say.entries}</span>
        <Time at={at} as="ago" className="s11 t3" />
      </div>
    </div>
  );
}

/** Who remembers the log, up to where and since when: as much as this computer verified of it. */
export function Witnesses({ log }: { log: LogView }) {
  const { device } = useAppState();
  const now = useServerSeconds(10_000);
  const all = tracks(log, device?.name ?? "");
  const span = spanOf(all.flatMap((one) => (one.at === null ? [] : [now - one.at])));
  return (
    <div className="tracks">
      <div className="axis s11 t3" aria-hidden="true">
        {ticksOf(span).map((age) => (
          <span key={age} style={startsAt(farOf(age, span))}>
            <Time at={now - age} as="ago" />
          </span>
        ))}
      </div>
      <ul aria-label={say.title} data-testid="witnesses">
        {all.map((track) => (
          <li key={track.key} data-testid={`witness-${track.key}`}>
            <div className="who">
              <b>{track.name}</b>
              <div className="s11 t3">{track.note}</div>
            </div>
            <div>
              {track.at === null ? (
                <p className="s12 t2 row gap-1">
                  <ClockIcon size={14} />
                  {say.nothing}
                </p>
              ) : (
                <Run track={track} at={track.at} far={farOf(now - track.at, span)} />
              )}
              {track.trouble.map((sentence) => (
                <p key={sentence} className="s12 t2 trouble">
                  <WarningIcon size={14} className="amber" />
                  {sentence}
                </p>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
