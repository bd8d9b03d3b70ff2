import { RowsIcon } from "@phosphor-icons/react";
import { useEffect, useState } from "react";
import { useBackend, useLoaded } from "../backend/context";
import { nothingWanted, shownOf, type View, type Wanted } from "../features/sessions/filter";
import { Peek } from "../features/sessions/Peek";
import { SessionTable } from "../features/sessions/Table";
import type { OrganizationView, SessionView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { Empty, Skeleton } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { thousands } from "../parts/format";
import { useKeys } from "../parts/keys";
import { go } from "../parts/route";
import { words } from "../parts/words";

const say = words.sessions;

interface FilterProps {
  wanted: Wanted;
  set: (change: Partial<Wanted>) => void;
  organizations: OrganizationView[];
  shown: number;
}

function Filters({ wanted, set, organizations, shown }: FilterProps) {
  useKeys({ "/": () => document.getElementById("find-session")?.focus() });
  return (
    <div className="filters">
      <input
        id="find-session"
        className="fld"
        type="search"
        aria-label={say.filter}
        placeholder={say.filter}
        value={wanted.text}
        onChange={(event) => set({ text: event.target.value })}
        data-testid="session-filter"
      />
      <select
        className="fld"
        aria-label={say.heads.organization}
        value={wanted.organization}
        onChange={(event) => set({ organization: event.target.value })}
      >
        <option value="">{say.anyOrganization}</option>
        {organizations.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      <select className="fld" aria-label={say.heads.scope} value={wanted.scope} onChange={(event) => set({ scope: event.target.value })}>
        <option value="">{say.anyScope}</option>
        {Object.entries(words.scope).map(([scope, name]) => (
          <option key={scope} value={scope}>
            {name}
          </option>
        ))}
      </select>
      <span className="s12 t3 push">{say.loaded(thousands(shown))}</span>
    </div>
  );
}

/** Sessions of the filter, page after page. */
function usePages(wanted: Wanted) {
  const backend = useBackend();
  const key = `${wanted.organization}|${wanted.scope}`;
  const filter = { organization: wanted.organization || null, person: null, scope: wanted.scope || null, from: null, to: null };
  const first = useLoaded(() => backend.sessions({ ...filter, cursor: null }), key, ["door", "log"]);
  const [more, setMore] = useState<{ key: string; sessions: SessionView[]; next: string | null } | null>(null);
  const later = more?.key === key ? more : null;
  const next = later ? later.next : (first.value?.next ?? null);
  const load = async () => {
    const page = await backend.sessions({ ...filter, cursor: next });
    setMore({ key, sessions: [...(later?.sessions ?? []), ...page.sessions], next: page.next });
  };
  const known = new Set((first.value?.sessions ?? []).map((one) => one.id));
  const sessions = [...(first.value?.sessions ?? []), ...(later?.sessions ?? []).filter((one) => !known.has(one.id))];
  return { ...first, sessions, more: next ? load : null };
}

function Nothing({ wanted, set }: { wanted: Wanted; set: (change: Partial<Wanted>) => void }) {
  const filtered = wanted.text || wanted.organization || wanted.scope || wanted.view !== "all";
  return (
    <div className="grow">
      <Empty icon={<RowsIcon size={20} />} title={filtered ? say.noMatch : say.none} note={filtered ? undefined : say.noneNote}>
        {filtered ? (
          <Button size="sm" onPress={() => set(nothingWanted)}>
            {say.views.all}
          </Button>
        ) : null}
      </Empty>
    </div>
  );
}

/** Finds any Session in seconds. */
export function Sessions({ id = "" }: { id?: string }) {
  const backend = useBackend();
  const [wanted, setWanted] = useState<Wanted>(nothingWanted);
  const set = (change: Partial<Wanted>) => setWanted((old) => ({ ...old, ...change }));
  const pages = usePages(wanted);
  const organizations = useLoaded(() => backend.organizations(), "organizations");
  const shown = shownOf(pages.sessions, wanted);
  const [picked, setPicked] = useState<string | null>(id || null);
  const selected = shown.find((one) => one.id === picked) ?? shown[0] ?? null;
  const replay = (id: string) => go(`replay/${encodeURIComponent(id)}`);
  useKeys({ Enter: () => selected && replay(selected.id) });
  useEffect(() => document.querySelector<HTMLElement>("[role=grid]")?.focus(), []);
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
      </header>
      <div className="views" role="tablist" aria-label={say.title}>
        {(Object.keys(say.views) as View[]).map((view) => (
          <button
            key={view}
            type="button"
            role="tab"
            aria-selected={wanted.view === view}
            onClick={() => set({ view })}
            data-testid={`view-${view}`}
          >
            {say.views[view]}
            <span className="t3">{pages.value ? shownOf(pages.sessions, { ...wanted, view }).length : ""}</span>
          </button>
        ))}
      </div>
      <Filters wanted={wanted} set={set} organizations={organizations.value ?? []} shown={shown.length} />
      {pages.fault ? <FaultNote fault={{ ...pages.fault, message: `${say.failed} ${pages.fault.message}` }} again={pages.reload} /> : null}
      <div className="split">
        {!pages.value ? (
          <div className="grow sec">{pages.fault ? null : <Skeleton rows={12} label={words.loading} />}</div>
        ) : shown.length === 0 ? (
          <Nothing wanted={wanted} set={set} />
        ) : (
          <div className="col grow" data-pane="list">
            <SessionTable sessions={shown} selected={selected?.id ?? null} onSelect={setPicked} onOpen={replay} />
            {pages.more ? (
              <Button look="quiet" onPress={() => void pages.more?.()}>
                {say.more}
              </Button>
            ) : null}
          </div>
        )}
        {selected ? <Peek key={selected.id} session={selected} onReplay={() => replay(selected.id)} /> : null}
      </div>
    </>
  );
}
