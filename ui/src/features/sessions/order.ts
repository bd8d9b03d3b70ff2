import type { Column } from "./columns";
import type { Order } from "../../backend/wire";

/** Columns that the service has an order for. Names are sealed where it keeps them: nothing can be ordered by them. */
const ordering = ["started", "length", "findings"] as const;
export type Ordering = (typeof ordering)[number];

export const isOrdering = (column: Column): column is Ordering => ordering.some((one) => one === column);

/** What a column is ordered by at the first press, and at the second. */
const orders: Record<Ordering, [first: Order, second: Order]> = {
  started: ["newest", "oldest"],
  length: ["longest", "shortest"],
  findings: ["findings", "findings-last"],
};

export const orderedBy: Record<Order, { column: Ordering; direction: "ascending" | "descending" }> = {
  newest: { column: "started", direction: "descending" },
  oldest: { column: "started", direction: "ascending" },
  longest: { column: "length", direction: "descending" },
  shortest: { column: "length", direction: "ascending" },
  findings: { column: "findings", direction: "descending" },
  "findings-last": { column: "findings", direction: "ascending" },
};

/** The order after this head was pressed. */
export function pressed(column: Ordering, order: Order): Order {
  const [first, second] = orders[column];
  return order === first ? second : first;
}

/** The head where a key leads from one; the same at the ends. */
export function besides(columns: Column[], at: Column, step: number): Ordering {
  const heads = columns.filter(isOrdering);
  const place = heads.findIndex((one) => one === at);
  return heads[Math.max(0, Math.min(heads.length - 1, place + step))] ?? "started";
}
