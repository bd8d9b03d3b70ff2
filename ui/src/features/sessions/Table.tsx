import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import type { SessionView } from "../../generated/bindings";
import { actsAlone } from "../../parts/keys";
import { tellInPassing } from "../../parts/passing";
import { usePreferences } from "../../parts/preferences";
import { linkToSession } from "../../parts/route";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { type Column, columnsWith } from "./columns";
import type { Order } from "../../backend/wire";
import { Head, headId } from "./Head";
import { besides, isOrdering, orderedBy, pressed } from "./order";
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
  onOrder: (order: Order) => void;
  /** The list comes in another order: what is here is the one before. */
  waiting: boolean;
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

const Room = ({ height, across }: { height: number; across: number }) =>
  height > 0 ? (
    <tr aria-hidden="true" className="room">
      <td colSpan={across} style={{ height }} />
    </tr>
  ) : null;

/** The grid: one tab stop, arrows move, Enter replays. Only the rows in view are drawn. */
export function SessionTable({ sessions, selected, onSelect, onOpen, onPeek, onNear, total, order, onOrder, waiting, ahead }: Props) {
  const now = useServerSeconds(10_000);
  const { columns: more } = usePreferences();
  const columns = useMemo(() => columnsWith(more), [more]);
  const box = useRef<HTMLDivElement>(null);
  const { rows, top, before, after, page, show, scrolled, moving } = useVirtualRows(box, HEAD, sessions.length);
  const at = selected === null ? -1 : sessions.findIndex((one) => one.id === selected);
  useEffect(() => {
    if (at >= 0) show(at);
  }, [selected]);
  useEffect(() => {
    if (!waiting) show(Math.max(0, at));
  }, [order, waiting]);
  const last = rows.at(-1)?.index ?? 0;
  // A list that nobody went into loads nothing more by itself.
  const near = (scrolled > 0 || at > 0) && last >= sessions.length - ahead;
  useEffect(() => {
    if (near) onNear?.();
  }, [near, sessions.length, onNear === null]);
  // Above the first row are the heads: keys go to those that order, and down again.
  const [head, toHead] = useState<Column | null>(null);
  const orderBy = (column: Column) => isOrdering(column) && onOrder(pressed(column, order));
  const inHead = (column: Column, event: KeyboardEvent): (() => void) | null => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) return () => toHead(besides(columns, column, step));
    if (event.key === "Enter" || event.key === " ") return () => orderBy(column);
    return event.key === "ArrowDown" || event.key === "j" || event.key === "Escape" ? () => toHead(null) : null;
  };
  const press = (event: KeyboardEvent) => {
    // What is done here is done: the page listens to the same keys where the list has not the focus.
    const done = (act: () => void) => {
      event.preventDefault();
      act();
    };
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && actsAlone(event);
    const there = head && plain ? inHead(head, event) : null;
    if (there) return done(there);
    if (plain && at <= 0 && (event.key === "ArrowUp" || event.key === "k")) return done(() => toHead(head ?? orderedBy[order].column));
    if (event.key === "Enter" && selected) return done(() => onOpen(selected));
    if (event.key === " ") return done(onPeek);
    if (event.key === "c" && (event.ctrlKey || event.metaKey) && selected && !window.getSelection()?.toString())
      return done(() => void navigator.clipboard?.writeText(linkToSession(selected)).then(() => tellInPassing(say.linkCopied)));
    const to = event.ctrlKey || event.metaKey || !actsAlone(event) ? null : moved(event.key, at, sessions.length, page);
    const next = to === null ? undefined : sessions[to];
    if (!next) return;
    done(() => {
      toHead(null);
      onSelect(next.id);
    });
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
        aria-busy={waiting || undefined}
        aria-rowcount={total === null ? -1 : total + 1}
        aria-activedescendant={head ? headId(head) : selected && drawn ? `session-${selected}` : undefined}
        onKeyDown={press}
        onBlur={() => toHead(null)}
      >
        <colgroup>
          {columns.map((column) => (
            <col key={column} className={`c-${column}`} />
          ))}
        </colgroup>
        <Head columns={columns} order={order} at={head} onPress={orderBy} />
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
