import type { ReactNode } from "react";
import "./notes.css";

interface Props {
  icon: ReactNode;
  title: string;
  note?: string;
  children?: ReactNode;
}

/** An icon, one bold line, one sentence, at most one action. */
export function Empty({ icon, title, note, children }: Props) {
  return (
    <div className="empty" data-testid="empty">
      <span aria-hidden="true">{icon}</span>
      <b>{title}</b>
      {note ? <span className="t2 s12">{note}</span> : null}
      {children}
    </div>
  );
}

/** Rows that hold the place of data. They appear only after a while, so quick answers do not flicker. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skel" style={{ width: `${86 - ((row * 23) % 50)}%` }} />
      ))}
    </div>
  );
}
