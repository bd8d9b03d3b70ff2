import { CaretDownIcon, CaretUpIcon } from "@phosphor-icons/react";
import { words } from "../../parts/words";
import { type Column, isNumber } from "./columns";
import { isOrdering, orderedBy, pressed } from "./order";
import type { Order } from "../../backend/wire";

const say = words.sessions;

export const headId = (column: Column) => `head-${column}`;

interface Props {
  columns: Column[];
  order: Order;
  /** The head that keys are at, when they are at none of the rows. */
  at: Column | null;
  onPress: (column: Column) => void;
}

/** The names of the columns. Pressing one that the list can be ordered by does that, and once more turns it around. */
export function Head({ columns, order, at, onPress }: Props) {
  const by = orderedBy[order];
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => {
          const name = column === "state" ? <span className="unseen">{say.heads.state}</span> : say.heads[column];
          if (!isOrdering(column))
            return (
              <th key={column} className={isNumber(column) ? "r" : ""}>
                {name}
              </th>
            );
          const Arrow = by.direction === "ascending" ? CaretUpIcon : CaretDownIcon;
          return (
            <th
              key={column}
              id={headId(column)}
              className={["ordering", isNumber(column) ? "r" : "", at === column ? "at" : ""].filter(Boolean).join(" ")}
              aria-sort={column === by.column ? by.direction : undefined}
              title={say.orders[pressed(column, order)]}
              onClick={() => onPress(column)}
              data-testid={headId(column)}
            >
              <span>
                {name}
                {column === by.column ? <Arrow size={12} aria-hidden="true" data-testid="arrow" /> : null}
              </span>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
