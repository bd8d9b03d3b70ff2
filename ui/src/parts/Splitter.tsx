import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef } from "react";
import { type PaneName, prefer, preferences, usePreferences } from "./preferences";
import "./splitter.css";
import { words } from "./words";

/** What each pane may be wide, in points, and which way it grows: towards the end of the line, or its beginning. */
const bounds: Record<PaneName, { least: number; most: number; usual: number; grows: 1 | -1 }> = {
  inbox: { least: 220, most: 420, usual: 276, grows: 1 },
  peek: { least: 280, most: 520, usual: 330, grows: -1 },
  side: { least: 300, most: 520, usual: 356, grows: -1 },
};
const STEP = 16;

/** The width that this person gave the pane, for whatever stands around it. */
export function usePaneStyle(name: PaneName): CSSProperties | undefined {
  const width = usePreferences().panes[name];
  return width === undefined ? undefined : ({ [`--${name}-w`]: `${width}px` } as CSSProperties);
}

/** Between a list and its detail: F6 reaches it, arrows and the pointer move it. */
export function Splitter({ pane, label }: { pane: PaneName; label: string }) {
  const { least, most, usual, grows } = bounds[pane];
  const width = usePreferences().panes[pane] ?? usual;
  const from = useRef<{ x: number; width: number } | null>(null);
  const put = (next: number) => prefer({ panes: { ...preferences().panes, [pane]: Math.round(Math.max(least, Math.min(most, next))) } });
  const forwards = () => (document.documentElement.dir === "rtl" ? -grows : grows);
  const press = (event: KeyboardEvent) => {
    const to = {
      ArrowRight: width + STEP * forwards(),
      ArrowLeft: width - STEP * forwards(),
      Home: least,
      End: most,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    put(to);
  };
  const move = (event: PointerEvent) => from.current && put(from.current.width + (event.clientX - from.current.x) * forwards());
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={words.splitter(label)}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      className="splitter"
      data-pane={`splitter ${pane}`}
      data-testid={`splitter-${pane}`}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width };
      }}
      onPointerMove={move}
      onPointerUp={() => {
        from.current = null;
      }}
    />
  );
}
