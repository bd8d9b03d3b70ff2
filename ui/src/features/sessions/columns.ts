import type { MoreColumn } from "../../parts/preferences";

const before = ["state", "started", "organization", "person"] as const;
const after = ["scope", "activity", "length", "findings", "review"] as const;
export type Column = (typeof before)[number] | (typeof after)[number] | MoreColumn;

/** The columns of the list, with those that were asked for after the person. */
export const columnsWith = (more: MoreColumn[]): Column[] => [...before, ...more, ...after];

/** On the right, as numbers are. */
export const isNumber = (column: Column) => column === "length" || column === "requests" || column === "findings";
