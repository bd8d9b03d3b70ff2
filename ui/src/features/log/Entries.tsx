import { ScrollIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend, useLoaded } from "../../backend/context";
import type { EntryView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CopyButton } from "../../parts/CopyButton";
import { Empty, Skeleton } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { FaultNote } from "../../parts/FaultNote";
import { thousands } from "../../parts/format";
import { notOnButton, useKeys } from "../../parts/keys";
import { Narrow } from "../../parts/Narrow";
import { Stale } from "../../parts/Stale";
import { Time, TimeHead } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.log;

/** Entries, newest first, older ones on request. */
function useEntries() {
  const backend = useBackend();
  const first = useLoaded(() => backend.entries(null), "entries", ["log"]);
  const older = useAction();
  const [more, setMore] = useState<EntryView[]>([]);
  const known = new Set((first.value ?? []).map((one) => one.index));
  const all = [...(first.value ?? []), ...more.filter((one) => !known.has(one.index))];
  const last = all.at(-1);
  const load = () =>
    older.run(async () => {
      const page = await backend.entries(last?.index ?? null);
      setMore([...more, ...page]);
    });
  return { ...first, entries: all, older: last && last.index > 0 ? load : null, olderBusy: older.busy, olderFault: older.fault };
}

function One({ entry }: { entry: EntryView }) {
  const [open, setOpen] = useState(false);
  const text = JSON.stringify(entry, null, 2);
  return (
    <aside className="rt entry scroll" data-testid="entry" data-pane="entry">
      <h2>{say.kind(entry.kind)}</h2>
      <dl className="kv">
        <dt>{say.entryHeads.number}</dt>
        <dd className="mono">{thousands(entry.index)}</dd>
        <dt>{say.source}</dt>
        <dd>{entry.source}</dd>
        <dt>
          <TimeHead head={say.entryHeads.time} />
        </dt>
        <dd>
          <Time at={entry.atMs / 1000} as="exact" />
        </dd>
        {entry.facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd className="mono ell" title={value}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <div>
        <div className="s11 t3">{say.leaf}</div>
        <pre className="mono">{entry.leaf}</pre>
      </div>
      <details className="path" data-testid="entry-path" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{say.path(entry.path.length, thousands(entry.under))}</summary>
        {open ? (
          <ol className="mono s11">
            {entry.path.map((hash, at) => (
              <li key={`${at} ${hash}`}>{hash}</li>
            ))}
          </ol>
        ) : null}
      </details>
      <div>
        <CopyButton key={entry.index} text={() => text}>
          {say.copyEntry}
        </CopyButton>
      </div>
    </aside>
  );
}

/** The person, or the service that did it or wrote it down. */
const whose = (one: EntryView) => one.who || one.facts.find(([name]) => name === "service")?.[1] || one.source;

/** Everything that was written, as far as this person may read it. */
export function Entries() {
  const { entries, value, fault, reload, atMs, loading, older, olderBusy, olderFault } = useEntries();
  const [find, setFind] = useState("");
  const [picked, setPicked] = useState<number | null>(null);
  const [peeking, peek] = useState(false);
  const [looks, setLooks] = useState(false);
  const needle = find.trim().toLowerCase();
  const found = entries.filter((one) =>
    `${one.kind} ${whose(one)} ${one.organization} ${one.source} ${one.index}`.toLowerCase().includes(needle),
  );
  // Whoever looks at a list leaves one an hour: they would hide what was done.
  const done = found.filter((one) => one.kind !== "viewed");
  const shown = looks ? found : done;
  const hidden = found.length - done.length;
  const chosen = shown.find((one) => one.index === picked) ?? shown[0] ?? null;
  const { entryHeads: heads } = say;
  const move = (by: number) => () => {
    const next = shown[(chosen ? shown.indexOf(chosen) : -1) + by];
    if (!next) return;
    setPicked(next.index);
    void document.getElementById(`entry-${next.index}`)?.scrollIntoView({ block: "nearest" });
  };
  useKeys({
    j: move(1),
    k: move(-1),
    ArrowDown: move(1),
    ArrowUp: move(-1),
    " ": (event) => notOnButton(event) && peek(!peeking),
    "/": () => document.getElementById("find-entry")?.focus(),
  });
  if (!value)
    return <div className="sec">{fault ? <Failed fault={fault} again={reload} /> : <Skeleton rows={12} label={words.loading} />}</div>;
  return (
    <div className="au">
      <div className="col" data-pane="entries">
        <div className="filters">
          <input
            id="find-entry"
            className="fld"
            type="search"
            aria-label={say.filterEntries}
            placeholder={say.filterEntries}
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
          {hidden > 0 ? (
            <Button size="sm" look="quiet" onPress={() => setLooks(!looks)} data-testid="looks">
              {looks ? say.withoutLooks : say.withLooks(thousands(hidden))}
            </Button>
          ) : null}
        </div>
        <Stale of={{ value, fault, reload, atMs, loading }} />
        <div className="tw scroll">
          <table>
            <thead>
              <tr>
                <th>{heads.number}</th>
                <th>
                  <TimeHead head={heads.time} />
                </th>
                <th>{heads.who}</th>
                <th>{heads.what}</th>
                <th>{heads.about}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr
                  key={one.index}
                  id={`entry-${one.index}`}
                  className={one.index === chosen?.index ? "sel" : ""}
                  onClick={() => setPicked(one.index)}
                  data-testid={`row-${one.index}`}
                  data-kind={one.kind}
                >
                  <td>
                    <button type="button" className="mono entry-open" onClick={() => setPicked(one.index)}>
                      {thousands(one.index)}
                    </button>
                  </td>
                  <td className="t2">
                    <Time at={one.atMs / 1000} as="exact" />
                  </td>
                  <td>{whose(one)}</td>
                  <td className="medium">{say.kind(one.kind)}</td>
                  <td className="t2">{one.organization}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {shown.length > 0 ? null : hidden > 0 ? (
            <Empty icon={<ScrollIcon size={20} />} title={say.onlyLooks} />
          ) : entries.length > 0 ? (
            <Empty icon={<ScrollIcon size={20} />} title={say.noEntryMatches}>
              <Button size="sm" onPress={() => setFind("")}>
                {words.sessions.remove(`“${find.trim()}”`)}
              </Button>
            </Empty>
          ) : (
            <Empty icon={<ScrollIcon size={20} />} title={say.noEntries} note={say.noEntriesNote} />
          )}
          <FaultNote fault={olderFault} />
          {older ? (
            <Button look="quiet" busy={olderBusy} onPress={() => void older()}>
              {say.older}
            </Button>
          ) : null}
        </div>
      </div>
      {chosen ? (
        <Narrow open={peeking} onOpen={peek} label={say.peek}>
          <One entry={chosen} />
        </Narrow>
      ) : null}
    </div>
  );
}
