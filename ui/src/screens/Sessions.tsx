import { useEffect, useState } from "react";
import { useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import { linkOf, shownOf, type View, type Wanted, wantedOf } from "../features/sessions/filter";
import { Filters } from "../features/sessions/Filters";
import { Forgotten } from "../features/sessions/Forgotten";
import { Nothing } from "../features/sessions/Nothing";
import { Peek } from "../features/sessions/Peek";
import { SessionTable } from "../features/sessions/Table";
import { usePages } from "../features/sessions/usePages";
import type { SessionView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { Skeleton } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { notOnButton, useKeys } from "../parts/keys";
import { Narrow } from "../parts/Narrow";
import { Offline } from "../parts/Offline";
import { go, replace } from "../parts/route";
import { usePaneStyle } from "../parts/Splitter";
import { Stale } from "../parts/Stale";
import { words } from "../parts/words";

const say = words.sessions;
const replay = (id: string) => go(`replay/${encodeURIComponent(id)}`);

interface ViewsProps {
  wanted: Wanted;
  /** Without a list there are no numbers. */
  sessions: SessionView[] | null;
  onView: (view: View) => void;
}

function Views({ wanted, sessions, onView }: ViewsProps) {
  return (
    <div className="views" role="tablist" aria-label={say.title}>
      {(Object.keys(say.views) as View[]).map((view) => (
        <button
          key={view}
          type="button"
          role="tab"
          aria-selected={wanted.view === view}
          onClick={() => onView(view)}
          data-testid={`view-${view}`}
        >
          {say.views[view]}
          <span className="t3">{sessions ? shownOf(sessions, { ...wanted, view }).length : ""}</span>
        </button>
      ))}
    </div>
  );
}

/** Whoever reviews nothing sees what they asked for themselves. */
function OwnOnly() {
  const { person } = useAppState();
  if (person?.roles.includes("reviewer")) return null;
  return (
    <p className="banner-note s12" data-testid="own-only">
      {say.ownOnly}
    </p>
  );
}

/** Finds any Session in seconds. What is looked for stands in the address, so that a link shows the same list. */
export function Sessions({ id = "", query }: { id?: string; query: URLSearchParams }) {
  const backend = useBackend();
  const wanted = wantedOf(query);
  const set = (change: Partial<Wanted>) => replace(linkOf(id, { ...wanted, ...change }));
  const pages = usePages(wanted);
  const organizations = useLoaded(() => backend.organizations(), "organizations");
  const shown = shownOf(pages.sessions, wanted);
  const [picked, setPicked] = useState<string | null>(id || null);
  const [peeking, peek] = useState(id !== "");
  const selected = shown.find((one) => one.id === picked) ?? shown[0] ?? null;
  useKeys({ Enter: () => selected && replay(selected.id), " ": (event) => notOnButton(event) && peek(!peeking) });
  useEffect(() => document.querySelector<HTMLElement>("[role=grid]")?.focus(), []);
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
      </header>
      <Offline />
      <Views wanted={wanted} sessions={pages.value ? pages.sessions : null} onView={(view) => set({ view })} />
      <Filters wanted={wanted} set={set} organizations={organizations.value ?? []} shown={shown.length} />
      <OwnOnly />
      {pages.value ? (
        <Stale of={pages} />
      ) : pages.fault ? (
        <FaultNote fault={{ ...pages.fault, message: `${say.failed} ${pages.fault.message}` }} again={pages.reload} />
      ) : null}
      <div className="split" style={usePaneStyle("peek")}>
        {!pages.value ? (
          <div className="grow sec">{pages.fault ? null : <Skeleton rows={12} label={words.loading} />}</div>
        ) : shown.length === 0 ? (
          <div className="col grow">
            <Nothing wanted={wanted} set={set} organizations={organizations.value ?? []} />
            <Forgotten sessions={pages.forgotten} />
          </div>
        ) : (
          <div className="col grow" data-pane="list">
            <SessionTable
              sessions={shown}
              selected={selected?.id ?? null}
              onSelect={setPicked}
              onOpen={replay}
              onPeek={() => peek(!peeking)}
            />
            <Forgotten sessions={pages.forgotten} />
            <FaultNote fault={pages.moreFault} />
            {pages.more ? (
              <Button look="quiet" onPress={pages.more} data-testid="more-sessions">
                {say.more}
              </Button>
            ) : null}
          </div>
        )}
        {selected ? (
          <Narrow open={peeking} onOpen={peek} label={say.peek} splitter="peek">
            <Peek key={selected.id} session={selected} onReplay={() => replay(selected.id)} />
          </Narrow>
        ) : null}
      </div>
    </>
  );
}
