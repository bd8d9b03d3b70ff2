import { type KeyboardEvent, memo, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { FindingView } from "../../generated/bindings";
import { colours, type Kind } from "../../parts/activity";
import { countdown, duration } from "../../parts/format";
import { useTimes } from "../../parts/Time";
import { words } from "../../parts/words";
import { scaleOf } from "./scale";
import type { Index, Moment } from "./timeline";
import "./timeline.css";
import type { ReplayClock } from "./useClock";

const lanes: Kind[] = ["viewed", "typed", "changed", "took-out"];
const LANE = 15;
const FIVE = 5000;

function laneOf(moment: Moment): number {
  return Math.max(0, lanes.indexOf(moment.kind));
}

/** Where to draw: moments that fall on the same quarter of a point are one mark, so no Recording draws too many. */
function apart(moments: Moment[], x: (atMs: number) => number): number[] {
  return [...new Set(moments.map((one) => Math.round(x(one.atMs) * 4) / 4))];
}

const Marks = memo(function Marks({ index, x, width }: { index: Index; x: (atMs: number) => number; width: number }) {
  const refused = apart(
    index.moments.filter((moment) => moment.kind === "refused"),
    x,
  );
  return (
    <>
      {lanes.map((kind, lane) => {
        const marks = apart(
          index.moments.filter((moment) => laneOf(moment) === lane),
          x,
        );
        const bottom = lane * LANE + 12;
        const d =
          kind === "took-out"
            ? marks.map((at) => `M${at - 5} ${bottom}l5-9.5l5 9.5z`).join("")
            : marks.map((at) => `M${at} ${bottom}v-10`).join("");
        const style = kind === "took-out" ? { fill: colours[kind] } : { stroke: colours[kind], strokeWidth: 1.6 };
        return (
          <g key={kind}>
            <path d={`M0 ${lane * LANE + 13.5}H${width}`} style={{ stroke: "var(--line)" }} />
            <path d={d} style={style} />
          </g>
        );
      })}
      {refused.map((at) => (
        <path key={at} d={`M${at - 3} 4l6 6m0-6l-6 6`} style={{ stroke: "var(--red)", strokeWidth: 1.6 }} />
      ))}
    </>
  );
});

/** A flag at each finding, over the lanes. */
function Flags({ findings, x }: { findings: FindingView[] | null; x: (atMs: number) => number }) {
  return (findings ?? []).map(({ rule, weight, sentence, atMs }) => {
    if (atMs === null) return null;
    const tone = weight === "stop" ? "var(--red)" : "var(--amber)";
    return (
      <path
        key={rule}
        d={`M${x(atMs)} ${lanes.length * LANE}V-5h8l-2 3.5l2 3.5h-8`}
        style={{ stroke: tone, fill: tone }}
        data-testid={`flag-${rule}`}
      >
        <title>{sentence}</title>
      </path>
    );
  });
}

function Gaps({ index, x }: { index: Index; x: (atMs: number) => number }) {
  const height = lanes.length * LANE;
  return (
    <>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" style={{ fill: "var(--sunken)" }} />
          <path d="M0 0V6" style={{ stroke: "var(--line-2)", strokeWidth: 1.5 }} />
        </pattern>
      </defs>
      {index.idle.map((span) => (
        <g key={span.fromMs}>
          <title>{duration((span.toMs - span.fromMs) / 1000)}</title>
          <rect x={x(span.fromMs)} width={x(span.toMs) - x(span.fromMs)} height={height} fill="url(#hatch)" />
          <path
            d={`M${x(span.fromMs)} 0V${height}M${x(span.toMs)} 0V${height}`}
            style={{ stroke: "var(--line-2)", strokeDasharray: "2 2" }}
          />
        </g>
      ))}
      {index.missing.map((gap) => (
        <g key={gap.fromMs} data-testid="missing">
          <title>{words.replay.missing(duration((gap.toMs - gap.fromMs) / 1000), gap.detail)}</title>
          <rect
            x={x(gap.fromMs)}
            width={Math.max(6, x(gap.toMs) - x(gap.fromMs))}
            height={height}
            style={{ fill: "var(--red-soft)", stroke: "var(--red)" }}
          />
        </g>
      ))}
    </>
  );
}

/** The time under the pointer and what happened nearest to it. Whoever hears the page has the list of events. */
function Hover({ index, atMs, at }: { index: Index; atMs: number; at: number }) {
  const times = useTimes();
  const nearest = index.moments.reduce<Moment | null>(
    (best, one) => (best === null || Math.abs(one.atMs - atMs) < Math.abs(best.atMs - atMs) ? one : best),
    null,
  );
  return (
    <div
      className="hover s11"
      aria-hidden="true"
      style={at < 0.5 ? { left: `${at * 100}%` } : { right: `${100 - at * 100}%` }}
      data-testid="hover"
    >
      {words.replay.hover(times.clockSeconds(atMs / 1000), nearest?.title ?? "")}
    </div>
  );
}

/** Four lanes of what happened; a slider by keys, by pressing, and by dragging. */
export function Timeline({ index, clock, findings }: { index: Index; clock: ReplayClock; findings: FindingView[] | null }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(780);
  useEffect(() => {
    const measure = () => setWidth(Math.max(200, box.current?.clientWidth || 780));
    measure();
    const observer = new ResizeObserver(measure);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const scale = useMemo(() => scaleOf(index, width), [index, width]);
  const height = lanes.length * LANE;
  const seek = (event: PointerEvent) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    clock.seek(scale.atMs(event.clientX - left));
  };
  const press = (event: KeyboardEvent) => {
    const to = {
      ArrowLeft: clock.atMs - FIVE,
      ArrowRight: clock.atMs + FIVE,
      Home: index.startMs,
      End: index.endMs,
      PageUp: clock.atMs - 60_000,
      PageDown: clock.atMs + 60_000,
    }[event.key];
    if (to === undefined || event.shiftKey) return;
    event.preventDefault();
    clock.seek(to);
  };
  const [over, setOver] = useState<number | null>(null);
  const times = useTimes();
  const passed = (clock.atMs - index.startMs) / 1000;
  const here = scale.x(clock.atMs);
  return (
    <div className="lanes" dir="ltr">
      <div aria-hidden="true">
        {lanes.map((lane) => (
          <div key={lane} className="lane">
            {words.sessions.legend[lane]}
          </div>
        ))}
      </div>
      <div className="track-box">
        {over === null ? null : <Hover index={index} atMs={scale.atMs(over)} at={over / width} />}
        <div
          ref={box}
          className="track"
          role="slider"
          tabIndex={0}
          aria-label={words.replay.timeline}
          aria-valuemin={0}
          aria-valuemax={Math.round((index.endMs - index.startMs) / 1000)}
          aria-valuenow={Math.round(passed)}
          aria-valuetext={`${countdown(passed)}, ${times.clockSeconds(clock.atMs / 1000)}`}
          onKeyDown={press}
          onPointerDown={seek}
          onPointerMove={(event) => {
            setOver(event.clientX - event.currentTarget.getBoundingClientRect().left);
            if (event.buttons === 1) seek(event);
          }}
          onPointerLeave={() => setOver(null)}
        >
          {/* Point for point: pressing goes to the moment that is drawn there. */}
          <svg width={width} height={height + 16} viewBox={`0 -6 ${width} ${height + 16}`} aria-hidden="true">
            <Gaps index={index} x={scale.x} />
            <rect x="0" y="-1" width={here} height={height + 1} style={{ fill: "var(--ink)", opacity: 0.055 }} />
            <Marks index={index} x={scale.x} width={width} />
            <Flags findings={findings} x={scale.x} />
            <path d={`M${here} -6V${height + 2}`} style={{ stroke: "var(--ink)", strokeWidth: 2 }} />
            <path d={`M${here - 5} ${height + 1}h10v4l-5 4l-5-4z`} style={{ fill: "var(--ink)" }} />
          </svg>
        </div>
      </div>
    </div>
  );
}
