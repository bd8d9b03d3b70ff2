import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { useServerSeconds } from "../../backend/clock";
import type { SessionView } from "../../generated/bindings";
import { actsAlone } from "../../parts/keys";
import { usePreferences } from "../../parts/preferences";
import { linkToSession } from "../../parts/route";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { type Column, columnsWith, isNumber } from "./columns";
import type { Order } from "./filter";
import { Row } from "./Row";
import "./sessions.css";
import { useVirtualRows } from "./useVirtualRows";

const say = words.sessions;
const HEAD = 27;
/** A list of fewer is at hand as a whole: where one is in it need not be said. */
const LONG = 200;

interface Props {
  sessions: SessionView[];
  selected: string | null;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onPeek: () => void;
  /** Loads the next page; nothing where there is none, one is on its way, or the last one failed. */
  onNear: (() => void) | null;
  /** As many as there are, when that is known. */
  total: number | null;
  order: Order;
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

const sorted: Record<Order, [Column, "ascending" | "descending"]> = {
  newest: ["started", "descending"],
  oldest: ["started", "ascending"],
  longest: ["length", "descending"],
  findings: ["findings", "descending"],
};

function Head({ columns, order }: { columns: Column[]; order: Order }) {
  const { heads } = say;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => (
          <th key={column} className={isNumber(column) ? "r" : ""} aria-sort={column === sorted[order][0] ? sorted[order][1] : undefined}>
            {column === "state" ? <span className="unseen">{heads.state}</span> : heads[column]}
          </th>
        ))}
      </tr>
    </thead>
  );
}

const Room = ({ height, across }: { height: number; across: number }) =>
  height > 0 ? (
    <tr aria-hidden="true" className="room">
      <td colSpan={across} style={{ height }} />
    </tr>
  ) : null;

/** The grid: one tab stop, arrows move, Enter replays. Only the rows in view are drawn. */
export function SessionTable({ sessions, selected, onSelect, onOpen, onPeek, onNear, total, order, ahead }: Props) {
  const now = useServerSeconds(10_000);
  const { columns: more } = usePreferences();
  const columns = useMemo(() => columnsWith(more), [more]);
  const box = useRef<HTMLDivElement>(null);
  const { rows, top, before, after, page, show, scrolled, moving } = useVirtualRows(box, HEAD, sessions.length);
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
      {moving && sessions.length > LONG && sessions[top] ? (
        <div className="passing s12" aria-hidden="true" data-testid="passing">
          <Time at={sessions[top].openedAt} as="when" />
        </div>
      ) : null}
      <table
        role="grid"
        tabIndex={0}
        style={{ "--more-columns": more.length } as CSSProperties}
        aria-label={say.title}
        aria-rowcount={total === null ? -1 : total + 1}
        aria-activedescendant={selected && drawn ? `session-${selected}` : undefined}
        onKeyDown={press}
      >
        <colgroup>
          {columns.map((column) => (
            <col key={column} className={`c-${column}`} />
          ))}
        </colgroup>
        <Head columns={columns} order={order} />
        <tbody>
          <Room height={before} across={columns.length} />
          {rows.map(({ index }) => {
            const session = sessions[index];
            return session ? (
              <Row
                key={session.id}
                session={session}
                columns={columns}
                row={index}
                now={now}
                selected={index === at}
                onSelect={select}
                onOpen={open}
              />
            ) : null;
          })}
          <Room height={after} across={columns.length} />
        </tbody>
      </table>
    </div>
  );
}
