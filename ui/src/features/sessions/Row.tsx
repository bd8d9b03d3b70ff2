import { memo } from "react";
import type { SessionView } from "../../generated/bindings";
import { ticksOf } from "../../parts/activity";
import { Barcode } from "../../parts/Barcode";
import { FindingCount } from "../../parts/Finding";
import { duration } from "../../parts/format";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { Time } from "../../parts/Time";
import { ReviewState } from "./Review";
import { spanOf } from "./spans";

interface Props {
  session: SessionView;
  selected: boolean;
  now: number;
  row: number;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

/** One Session in the grid; the head is the grid's first row. */
export const Row = memo(function Row({ session, selected, now, row, onSelect, onOpen }: Props) {
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
      <td role="gridcell">
        <Tally state={session.endedAt === null ? "countersigned" : "ended"} size={14} />
      </td>
      <td role="gridcell" className="t2">
        <Time at={session.openedAt} as="short" />
      </td>
      <td role="gridcell" className="medium ell" title={session.organization.name}>
        {session.organization.name}
      </td>
      <td role="gridcell" className="ell" title={session.name}>
        {session.name}
      </td>
      <td role="gridcell">
        <Scope scope={session.scope} />
      </td>
      <td role="gridcell">
        <Barcode ticks={ticksOf(session.activity)} width={76} height={14} />
      </td>
      <td role="gridcell" className="r t2">
        {duration(spanOf(session, now))}
      </td>
      <td role="gridcell">
        <FindingCount counts={session.findings} />
      </td>
      <td role="gridcell">
        <ReviewState session={session} />
      </td>
    </tr>
  );
});
