import { useId, useMemo } from "react";
import { cutOf, edgeBytes, pathOf } from "./cut";
import { rosette } from "./rosette";

/** The seal of a Checkpoint's root. */
export function Seal({ root, size, tone = "seal" }: { root: string; size: number; tone?: "seal" | "amber" | "red" }) {
  const line = useMemo(() => rosette(root, size / 2, 2), [root, size]);
  const dash = tone === "amber" ? "2 2.4" : undefined;
  return (
    <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true" style={{ overflow: "visible" }}>
      <path d={line} style={{ fill: "none", stroke: `var(--${tone})`, strokeWidth: 0.5, strokeDasharray: dash }} />
    </svg>
  );
}

const SIZE = 560;

/** Two halves of one seal, closer with every finished step. */
export function SplitSeal({ seed, done, of }: { seed: string; done: number; of: number }) {
  const id = useId().replaceAll(":", "");
  const line = useMemo(() => rosette(seed, SIZE / 2), [seed]);
  const cut = useMemo(() => {
    const middle = cutOf(edgeBytes(seed.padEnd(16, "k")), 130, SIZE).map(([x, y]) => [x + SIZE / 2 - 65, y] as const);
    return { path: pathOf(middle), polygon: middle.map((point) => point.join(",")).join(" ") };
  }, [seed]);
  const apart = 21 * (1 - done / of);
  const half = (side: "left" | "right") => ({
    transform: `translate(${side === "left" ? -apart : apart} ${side === "left" ? -apart * 0.62 : apart * 0.62})`,
    stroke: side === "left" ? "var(--ink)" : "var(--seal)",
    outside: side === "left" ? -40 : SIZE + 40,
  });
  return (
    <svg className="split-seal" viewBox={`-20 -30 ${SIZE + 40} ${SIZE + 60}`} aria-hidden="true">
      <clipPath id={`disc${id}`}>
        <circle cx={SIZE / 2} cy={SIZE / 2} r={SIZE / 2 - 12} />
      </clipPath>
      {(["left", "right"] as const).map((side) => {
        const { transform, stroke, outside } = half(side);
        return (
          <g key={side} transform={transform}>
            <clipPath id={`${side}${id}`}>
              <polygon points={`${outside},0 ${cut.polygon} ${outside},${SIZE}`} />
            </clipPath>
            <path d={line} clipPath={`url(#${side}${id})`} style={{ fill: "none", stroke, strokeWidth: 0.6 }} />
            <path d={cut.path} clipPath={`url(#disc${id})`} style={{ fill: "none", stroke, strokeWidth: 1.6 }} />
          </g>
        );
      })}
    </svg>
  );
}
