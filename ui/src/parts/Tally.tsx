import { words } from "./words";

export type TallyState = keyof typeof words.tally;

const LEFT = "M4.6 2H7V5.6L8.4 7V14H4.6A2.6 2.6 0 0 1 2 11.4V4.6A2.6 2.6 0 0 1 4.6 2Z";
const RIGHT = "M9 2H11.4A2.6 2.6 0 0 1 14 4.6V11.4A2.6 2.6 0 0 1 11.4 14H10.4V6.4L9 5Z";
const LEFT_EDGE = "M6.7 2.6H4.7A2.1 2.1 0 0 0 2.6 4.7V11.3A2.1 2.1 0 0 0 4.7 13.4H8.1V7.3L6.7 5.9Z";
const RIGHT_EDGE = "M9.4 2.6H11.3A2.1 2.1 0 0 1 13.4 4.7V11.3A2.1 2.1 0 0 1 11.3 13.4H10.6";

const dashed = { fill: "none", stroke: "var(--control)", strokeWidth: 1.2, strokeDasharray: "2 1.6" };

function Halves({ state }: { state: TallyState }) {
  switch (state) {
    case "unsigned":
      return <path d={LEFT_EDGE} style={{ fill: "none", stroke: "var(--ink)", strokeWidth: 1.2 }} />;
    case "waiting":
      return (
        <>
          <path d={LEFT} style={{ fill: "var(--ink)" }} />
          <path d={RIGHT_EDGE} style={dashed} />
        </>
      );
    case "countersigned":
      return (
        <>
          <path d={LEFT} style={{ fill: "var(--ink)" }} />
          <path d={RIGHT} style={{ fill: "var(--seal)" }} />
        </>
      );
    case "denied":
      return (
        <>
          <path d={LEFT} style={{ fill: "var(--ink)" }} />
          <path d="M10.4 6.2L14.2 10M14.2 6.2L10.4 10" style={{ fill: "none", stroke: "var(--red)", strokeWidth: 1.6 }} />
        </>
      );
    case "expired":
      return (
        <>
          <path d={LEFT_EDGE} style={dashed} />
          <path d={RIGHT_EDGE} style={dashed} />
        </>
      );
    case "ended":
      return (
        <>
          <path d={LEFT} style={{ fill: "var(--text-3)" }} />
          <path d={RIGHT} style={{ fill: "var(--text-3)" }} />
        </>
      );
  }
}

/** Two half-plates that say how far a request is. */
export function Tally({ state, size = 16, label = true }: { state: TallyState; size?: number; label?: boolean }) {
  const name = label ? { role: "img", "aria-label": words.tally[state] } : { "aria-hidden": true };
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" {...name}>
      <Halves state={state} />
    </svg>
  );
}

/** The tally of a request's state. */
export function tallyOf(state: string): TallyState {
  switch (state) {
    case "waiting":
      return "waiting";
    case "approved":
    case "open":
      return "countersigned";
    case "denied":
      return "denied";
    case "expired":
    case "withdrawn":
      return "expired";
    case "ended":
      return "ended";
    default:
      return "unsigned";
  }
}
