import { memo, type ReactNode } from "react";
import type { SessionView } from "../../generated/bindings";
import { ticksOf } from "../../parts/activity";
import { Barcode } from "../../parts/Barcode";
import { FindingCount } from "../../parts/Finding";
import { duration, thousands } from "../../parts/format";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { type Column, isNumber } from "./columns";
import { ReviewState } from "./Review";
import { spanOf } from "./spans";

const names: Partial<Record<Column, (session: SessionView) => string>> = {
  organization: (one) => one.organization.name,
  person: (one) => one.name,
  approvers: (one) => one.approvers.join(", "),
  reason: (one) => words.reason[one.reason] ?? one.reason,
  ticket: (one) => one.ticket,
};

function shown(column: Column, session: SessionView, now: number): ReactNode {
  switch (column) {
    case "state":
      return <Tally state={session.endedAt === null ? "countersigned" : "ended"} size={14} />;
    case "started":
      return <Time at={session.openedAt} as="short" />;
    case "scope":
      return <Scope scope={session.scope} />;
    case "activity":
      return <Barcode ticks={ticksOf(session.activity)} width={76} height={14} />;
    case "length":
      return duration(spanOf(session, now));
    case "requests":
      return thousands(session.exchanges);
    case "findings":
      return <FindingCount counts={session.findings} />;
    case "review":
      return <ReviewState session={session} />;
    default:
      return names[column]?.(session);
  }
}

/** Names may be longer than their column: they end in dots, and are whole where the pointer rests. */
function Cell({ column, session, now }: { column: Column; session: SessionView; now: number }) {
  const name = names[column]?.(session);
  const quiet = column === "started" || isNumber(column);
  const look = [name ? "ell" : "", column === "organization" ? "medium" : "", isNumber(column) ? "r" : "", quiet ? "t2" : ""];
  return (
    <td role="gridcell" className={look.filter(Boolean).join(" ") || undefined} title={name}>
      {shown(column, session, now)}
    </td>
  );
}

interface Props {
  session: SessionView;
  columns: Column[];
  selected: boolean;
  now: number;
  row: number;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

/** One Session in the grid; the head is the grid's first row. */
export const Row = memo(function Row({ session, columns, selected, now, row, onSelect, onOpen }: Props) {
  return (
    <tr
      id={`session-${session.id}`}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={selected}
      className={selected ? "sel" : ""}
      onClick={() => onSelect(session.id)}
      onDoubleClick={() => onOpen(session.id)}
      data-testid={`row-${session.id}`}
      data-organization={session.organization.id}
    >
      {columns.map((column) => (
        <Cell key={column} column={column} session={session} now={now} />
      ))}
    </tr>
  );
});
