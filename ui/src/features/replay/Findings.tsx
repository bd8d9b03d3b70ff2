import { useEffect } from "react";
import type { FindingView } from "../../generated/bindings";
import { WeightMark } from "../../parts/Finding";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import type { Opened } from "./useOpened";

const say = words.findings;

interface Props {
  findings: FindingView[] | null;
  onSeek: ((atMs: number) => void) | null;
  /** Which were looked at. */
  opened?: Opened;
}

/** What the rules pointed at; pressing one goes there. */
export function Findings({ findings, onSeek, opened }: Props) {
  useEffect(() => opened?.read(onSeek === null), [opened?.read, onSeek === null]);
  if (findings === null) return <p className="s12 t3 pad">{say.waiting}</p>;
  if (findings.length === 0) return <p className="s12 t3 pad">{say.none}</p>;
  return (
    <ul className="events findings scroll" data-testid="findings">
      {findings.map((finding) => {
        const { atMs } = finding;
        const text = (
          <>
            <WeightMark weight={finding.weight} />
            <span className="grow">
              <span className="title">{finding.sentence}</span>
              <span className="d">
                {atMs === null ? say.whole : <Time at={atMs / 1000} as="seconds" />}
                {finding.times > 1 ? `, ${say.times(finding.times)}` : ""}
                {opened?.unread.includes(finding) ? `, ${words.replay.unread}` : ""}
              </span>
            </span>
          </>
        );
        return (
          <li key={finding.rule} data-testid={`finding-${finding.rule}`}>
            {atMs !== null && onSeek ? (
              <button
                type="button"
                className="ev"
                onClick={() => {
                  onSeek(atMs);
                  opened?.open(finding.rule);
                }}
              >
                {text}
              </button>
            ) : (
              <div className="ev">{text}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Where the next finding after this moment is, or the one before it. */
export function nextFinding(findings: FindingView[] | null, atMs: number, by: 1 | -1): number | null {
  const places = (findings ?? []).flatMap((one) => (one.atMs === null ? [] : [one.atMs])).sort((a, b) => (a - b) * by);
  return places.find((place) => (place - atMs) * by > 0) ?? null;
}

/** The findings that point at exactly this moment. */
export const findingsAt = (findings: FindingView[] | null, atMs: number) => (findings ?? []).filter((one) => one.atMs === atMs);
