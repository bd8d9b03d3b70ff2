import type { ReactNode } from "react";
import "./settings.css";

/** One setting: its name at the margin, what it does beside it. */
export function Row({ id, label, note, children }: { id: string; label: string; note?: string; children: ReactNode }) {
  return (
    <section className="set" id={`settings-${id}`} aria-labelledby={`settings-${id}-name`}>
      <div className="set-label">
        <h2 id={`settings-${id}-name`}>{label}</h2>
        {note ? <p className="s12 t3">{note}</p> : null}
      </div>
      <div className="set-body">{children}</div>
    </section>
  );
}
