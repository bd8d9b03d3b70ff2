import { type KeyboardEvent, useCallback, useEffect, useRef } from "react";
import { useServerSeconds } from "../../backend/clock";
import type { SessionView } from "../../generated/bindings";
import { actsAlone } from "../../parts/keys";
import { linkToSession } from "../../parts/route";
import { words } from "../../parts/words";
import { Row } from "./Row";
import "./sessions.css";
import { useVirtualRows } from "./useVirtualRows";

const say = words.sessions;
const HEAD = 27;
const columns = ["state", "started", "organization", "person", "scope", "activity", "length", "findings", "review"] as const;

interface Props {
  sessions: SessionView[];
  selected: string | null;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onPeek: () => void;
  /** Loads the next page; nothing where there is none, one is on its way, or the last one failed. */
  onNear: (() => void) | null;
  /** There are more than are here. */
  endless: boolean;
  /** From how many rows before the end the next page is loaded. */
  ahead: number;
}

/** Where a key moves from `at` in a list of `count`; null when it does not move. */
export function moved(key: string, at: number, count: number, page: number): number | null {
  const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 }[
    key
  ];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}

function Head() {
  const { heads } = say;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => (
          <th key={column} className={column === "length" ? "r" : ""} aria-sort={column === "started" ? "descending" : undefined}>
            {column === "state" ? <span className="unseen">{heads.state}</span> : heads[column]}
          </th>
        ))}
      </tr>
    </thead>
  );
}

const Room = ({ height }: { height: number }) =>
  height > 0 ? (
    <tr aria-hidden="true" className="room">
      <td colSpan={columns.length} style={{ height }} />
    </tr>
  ) : null;

/** The grid: one tab stop, arrows move, Enter replays. Only the rows in view are drawn. */
export function SessionTable({ sessions, selected, onSelect, onOpen, onPeek, onNear, endless, ahead }: Props) {
  const now = useServerSeconds(10_000);
  const box = useRef<HTMLDivElement>(null);
  const { rows, before, after, page, show, scrolled } = useVirtualRows(box, HEAD, sessions.length);
  const at = selected === null ? -1 : sessions.findIndex((one) => one.id === selected);
  useEffect(() => {
    if (at >= 0) show(at);
  }, [selected]);
  const last = rows.at(-1)?.index ?? 0;
  // A list that nobody went into loads nothing more by itself.
  const near = (scrolled > 0 || at > 0) && last >= sessions.length - ahead;
  useEffect(() => {
    if (near) onNear?.();
  }, [near, sessions.length, onNear === null]);
  const press = (event: KeyboardEvent) => {
    // What is done here is done: the page listens to the same keys where the list has not the focus.
    const done = (act: () => void) => {
      event.preventDefault();
      act();
    };
    if (event.key === "Enter" && selected) return done(() => onOpen(selected));
    if (event.key === " ") return done(onPeek);
    if (event.key === "c" && (event.ctrlKey || event.metaKey) && selected && !window.getSelection()?.toString())
      return done(() => void navigator.clipboard?.writeText(linkToSession(selected)));
    const to = event.ctrlKey || event.metaKey || !actsAlone(event) ? null : moved(event.key, at, sessions.length, page);
    const next = to === null ? undefined : sessions[to];
    if (!next) return;
    done(() => onSelect(next.id));
  };
  const latest = useRef({ onSelect, onOpen });
  latest.current = { onSelect, onOpen };
  const select = useCallback((id: string) => latest.current.onSelect(id), []);
  const open = useCallback((id: string) => latest.current.onOpen(id), []);
  const drawn = rows.some((one) => one.index === at);
  return (
    <div ref={box} className="tw scroll">
      <table
        role="grid"
        tabIndex={0}
        aria-label={say.title}
        aria-rowcount={endless ? -1 : sessions.length + 1}
        aria-activedescendant={selected && drawn ? `session-${selected}` : undefined}
        onKeyDown={press}
      >
        <colgroup>
          {columns.map((column) => (
            <col key={column} className={`c-${column}`} />
          ))}
        </colgroup>
        <Head />
        <tbody>
          <Room height={before} />
          {rows.map(({ index }) => {
            const session = sessions[index];
            return session ? (
              <Row key={session.id} session={session} row={index} now={now} selected={index === at} onSelect={select} onOpen={open} />
            ) : null;
          })}
          <Room height={after} />
        </tbody>
      </table>
    </div>
  );
}
