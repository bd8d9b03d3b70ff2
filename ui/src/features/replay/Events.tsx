import { MagnifyingGlassIcon } from "@phosphor-icons/react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ExchangeView } from "../../generated/bindings";
import { MoreRows } from "../../parts/MoreRows";
import { bytes } from "../../parts/format";
import { useRows } from "../../parts/rows";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { Difference } from "./Difference";
import { Marked } from "./Marked";
import { current, type Moment } from "./timeline";

const say = words.replay;
const marks: Record<string, string> = { viewed: "k-v", typed: "k-t", changed: "k-w", "took-out": "k-e", refused: "k-x", live: "k-v" };
const SCROLLED_MS = 5000;

function Body({ label, text }: { label: string; text: string | null }) {
  if (text === null) return null;
  return (
    <div>
      <div className="s11 t3">{label}</div>
      <pre className="body mono scroll" tabIndex={0} role="region" aria-label={label}>
        <Marked text={text} />
      </pre>
    </div>
  );
}

/** One request with its answer. */
export function Exchange({ exchange, exchanges }: { exchange: ExchangeView; exchanges: ExchangeView[] }) {
  return (
    <div className="exchange" data-testid="exchange">
      <Difference exchange={exchange} exchanges={exchanges} />
      <dl className="kv">
        <dt>{say.status}</dt>
        <dd>{exchange.status || "–"}</dd>
        <dt>{say.type}</dt>
        <dd className="ell">{exchange.contentType || "–"}</dd>
        <dt>{say.size}</dt>
        <dd>{bytes(exchange.bodyBytes)}</dd>
        <dt>{say.took}</dt>
        <dd>{exchange.tookMs} ms</dd>
      </dl>
      {exchange.refused ? <div className="red s12">{say.refused(exchange.refused)}</div> : null}
      {exchange.cut ? <div className="amber s12">{say.cut(exchange.cut)}</div> : null}
      {exchange.socketMessages > 0 ? <div className="s12">{say.sockets(exchange.socketMessages)}</div> : null}
      <Body label={say.sent} text={exchange.requestBody} />
      <Body label={say.answer} text={exchange.body} />
      {exchange.body === null && exchange.requestBody === null ? <div className="s12 t3">{say.noBody}</div> : null}
    </div>
  );
}

interface Props {
  moments: Moment[];
  exchanges: ExchangeView[];
  atMs: number;
  onSeek: (atMs: number) => void;
}

/** What happened, in order; pressing one goes there. The one under the playhead stays in view. */
export function Events({ moments, exchanges, atMs, onSeek }: Props) {
  const [find, setFind] = useState("");
  const [open, setOpen] = useState<number | null>(null);
  const scrolled = useRef(0);
  const list = useRef<HTMLUListElement>(null);
  const needle = find.trim().toLowerCase();
  const shown = useMemo(
    () => (needle ? moments.filter((one) => `${one.title} ${one.detail}`.toLowerCase().includes(needle)) : moments),
    [moments, needle],
  );
  const under = current(shown, atMs);
  const here = under?.key;
  const rows = useRows(
    shown,
    useMemo(() => (under ? shown.indexOf(under) : -1), [under, shown.length]),
  );
  useEffect(() => {
    if (Date.now() - scrolled.current < SCROLLED_MS) return;
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [here]);
  return (
    <>
      <label className="find row">
        <MagnifyingGlassIcon size={14} />
        <span className="unseen">{say.find}</span>
        <input value={find} placeholder={say.find} onChange={(event) => setFind(event.target.value)} />
      </label>
      <ul
        ref={list}
        className="events scroll"
        onWheel={() => {
          scrolled.current = Date.now();
        }}
      >
        {rows.earlier > 0 ? (
          <li>
            <MoreRows side="earlier" count={rows.earlier} onPress={rows.goEarlier} />
          </li>
        ) : null}
        {rows.shown.map((moment) => (
          <li key={moment.key} className={moment.key === here ? "on" : ""}>
            <button
              type="button"
              className="ev"
              aria-current={moment.key === here ? "true" : undefined}
              aria-expanded={moment.exchange === null ? undefined : open === moment.exchange}
              data-testid={moment.exchange === null ? undefined : `row-${moment.exchange}`}
              onClick={() => {
                onSeek(moment.atMs);
                setOpen(open === moment.exchange ? null : moment.exchange);
              }}
            >
              <Time className="tm" at={moment.atMs / 1000} as="seconds" />
              <i className={marks[moment.kind]} aria-hidden="true" />
              <span className="grow">
                <span className="title">{moment.title}</span>
                <span className="d">{moment.detail}</span>
              </span>
            </button>
            {open !== null && open === moment.exchange
              ? exchanges
                  .filter((one) => one.number === open)
                  .map((one) => <Exchange key={one.number} exchange={one} exchanges={exchanges} />)
              : null}
          </li>
        ))}
        {rows.later > 0 ? (
          <li>
            <MoreRows side="later" count={rows.later} onPress={rows.goLater} />
          </li>
        ) : null}
      </ul>
    </>
  );
}
