import { type KeyboardEvent, useEffect, useRef } from "react";
import { useServerSeconds } from "../../backend/clock";
import type { SessionView } from "../../generated/bindings";
import { ticksOf } from "../../parts/activity";
import { Barcode } from "../../parts/Barcode";
import { FindingCount } from "../../parts/Finding";
import { duration } from "../../parts/format";
import { actsAlone } from "../../parts/keys";
import { linkToSession } from "../../parts/route";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { lengthOf } from "./filter";
import { ReviewState } from "./Review";
import "./sessions.css";

const say = words.sessions;
const PAGE = 12;

interface Props {
  sessions: SessionView[];
  selected: string | null;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onPeek: () => void;
}

/** Where a key moves from `at` in a list of `count`; null when it does not move. */
export function moved(key: string, at: number, count: number): number | null {
  const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 }[
    key
  ];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}

function Row({
  session,
  selected,
  now,
  row,
  onSelect,
  onOpen,
}: {
  session: SessionView;
  selected: boolean;
  now: number;
  row: number;
  onSelect: () => void;
  onOpen: () => void;
}) {
  return (
    <tr
      id={`session-${session.id}`}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={selected}
      className={selected ? "sel" : ""}
      onClick={onSelect}
      onDoubleClick={onOpen}
      data-testid={`row-${session.id}`}
      data-organization={session.organization.id}
    >
      <td role="gridcell">
        <Tally state={session.endedAt === null ? "countersigned" : "ended"} size={14} />
      </td>
      <td role="gridcell" className="t2">
        <Time at={session.openedAt} as="short" />
      </td>
      <td role="gridcell" className="medium">
        {session.organization.name}
      </td>
      <td role="gridcell">{session.name}</td>
      <td role="gridcell">
        <Scope scope={session.scope} />
      </td>
      <td role="gridcell">
        <Barcode ticks={ticksOf(session.activity)} width={76} height={14} />
      </td>
      <td role="gridcell" className="r t2">
        {duration(lengthOf(session, now))}
      </td>
      <td role="gridcell">
        <FindingCount counts={session.findings} />
      </td>
      <td role="gridcell">
        <ReviewState session={session} />
      </td>
    </tr>
  );
}

/** The grid: one tab stop, arrows move, Enter replays. */
export function SessionTable({ sessions, selected, onSelect, onOpen, onPeek }: Props) {
  const now = useServerSeconds(10_000);
  const grid = useRef<HTMLTableElement>(null);
  useEffect(() => {
    if (selected) document.getElementById(`session-${selected}`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const press = (event: KeyboardEvent) => {
    const at = sessions.findIndex((one) => one.id === selected);
    // What is done here is done: the page listens to the same keys where the list has not the focus.
    const done = (act: () => void) => {
      event.preventDefault();
      act();
    };
    if (event.key === "Enter" && selected) return done(() => onOpen(selected));
    if (event.key === " ") return done(onPeek);
    if (event.key === "c" && (event.ctrlKey || event.metaKey) && selected && !window.getSelection()?.toString())
      return done(() => void navigator.clipboard?.writeText(linkToSession(selected)));
    const to = event.ctrlKey || event.metaKey || !actsAlone(event) ? null : moved(event.key, at, sessions.length);
    const next = to === null ? undefined : sessions[to];
    if (!next) return;
    event.preventDefault();
    onSelect(next.id);
  };
  const { heads } = say;
  return (
    <div className="tw scroll">
      <table
        ref={grid}
        role="grid"
        tabIndex={0}
        aria-label={say.title}
        aria-rowcount={sessions.length + 1}
        aria-activedescendant={selected ? `session-${selected}` : undefined}
        onKeyDown={press}
      >
        <thead>
          <tr>
            <th>
              <span className="unseen">{heads.review}</span>
            </th>
            <th aria-sort="descending">{heads.started}</th>
            <th>{heads.organization}</th>
            <th>{heads.person}</th>
            <th>{heads.scope}</th>
            <th>{heads.activity}</th>
            <th className="r">{heads.length}</th>
            <th>{heads.findings}</th>
            <th>{heads.review}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session, row) => (
            <Row
              key={session.id}
              session={session}
              row={row}
              now={now}
              selected={session.id === selected}
              onSelect={() => onSelect(session.id)}
              onOpen={() => onOpen(session.id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
