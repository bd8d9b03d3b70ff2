import { type Kind, type Tick, colours, heights } from "./activity";

const kinds: Kind[] = ["viewed", "live", "typed", "refused", "changed", "took-out"];

/** One tick an event, its height by its kind. */
export function Barcode({ ticks, width, height }: { ticks: Tick[]; width: number; height: number }) {
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true" style={{ overflow: "visible" }}>
      <path d={`M0 ${height - 0.5}H${width}`} style={{ stroke: "var(--line-2)" }} />
      {kinds.map((kind) => (
        <path
          key={kind}
          d={ticks
            .filter((tick) => tick.kind === kind)
            .map((tick) => `M${(tick.at * width).toFixed(1)} ${height}v-${(height * heights[kind]).toFixed(1)}`)
            .join("")}
          style={{ stroke: colours[kind], strokeWidth: heights[kind] === 1 ? 1.8 : 1.1 }}
        />
      ))}
    </svg>
  );
}
