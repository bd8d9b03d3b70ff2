import { useEffect, useMemo, useState } from "react";
import { useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import { askedOf, linkOf, looksThrough, personOf, type Wanted, wantedOf } from "../features/sessions/filter";
import { Columns } from "../features/sessions/Columns";
import { useExport } from "../features/sessions/Export";
import { Filters } from "../features/sessions/Filters";
import { Forgotten } from "../features/sessions/Forgotten";
import { Nothing } from "../features/sessions/Nothing";
import { Peek } from "../features/sessions/Peek";
import { SessionTable } from "../features/sessions/Table";
import { useCounts } from "../features/sessions/useCounts";
import { useSelected } from "../features/sessions/useSelected";
import { usePages } from "../features/sessions/usePages";
import { Views } from "../features/sessions/Views";
import { Button } from "../parts/Button";
import { Skeleton } from "../parts/Empty";
import { EndAll } from "../parts/EndSessions";
import { FaultNote } from "../parts/FaultNote";
import { thousands } from "../parts/format";
import { holds } from "../parts/holds";
import { notOnButton, useKeys } from "../parts/keys";
import { Narrow } from "../parts/Narrow";
import { Offline } from "../parts/Offline";
import { go, replace } from "../parts/route";
import { usePaneStyle } from "../parts/Splitter";
import { Stale } from "../parts/Stale";
import { words } from "../parts/words";

const say = words.sessions;
const replay = (id: string) => go(`replay/${encodeURIComponent(id)}`);

/** Whoever reviews nothing sees what they asked for themselves. */
function OwnOnly() {
  const { person } = useAppState();
  if (holds(person, "reviewer")) return null;
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
  const pages = usePages(wanted);
  const organizations = useLoaded(() => backend.organizations(), "organizations").value ?? [];
  const shown = pages.sessions;
  const people = useMemo(() => [...new Set(shown.map((one) => one.name))].sort(), [shown]);
  const counts = useCounts(wanted);
  const loaded = pages.value ? shown : null;
  const exporting = useExport(wanted, counts.here);
  const { picked, pick, selected, fault } = useSelected({ id, shown, loaded, link: (next) => replace(linkOf(next, wanted)) });
  const goTo = (next: Wanted) => replace(linkOf(picked ?? "", next));
  const [peeking, peek] = useState(id !== "");
  const set = (change: Partial<Wanted>) => goTo({ ...wanted, ...change });
  const open = () => selected && replay(selected.id);
  useKeys({ Enter: open, " ": (event) => notOnButton(event) && peek(!peeking) });
  useEffect(() => document.querySelector<HTMLElement>("[role=grid]")?.focus(), []);
  // What is looked for in a part of the list is said to be.
  const among = looksThrough(wanted) && pages.value ? pages.looked : null;
  const total = pages.more ? (counts.here && !counts.here.more ? counts.here.sessions : null) : shown.length;
  return (
    <>
      <header className="head over-tabs">
        <h1>{say.title}</h1>
        <span className="push" />
        <EndAll organization={askedOf(wanted, 0).organization} person={personOf(wanted)} />
        {exporting.button}
        <Columns />
      </header>
      <Offline />
      <Views wanted={wanted} countOf={counts.of} go={goTo} />
      <Filters
        wanted={wanted}
        set={set}
        organizations={organizations}
        people={people}
        shown={shown.length}
        among={among}
        counted={counts.here}
        onOpen={open}
      />
      {exporting.note}
      <OwnOnly />
      {pages.value ? (
        <Stale of={pages} />
      ) : pages.fault ? (
        <FaultNote fault={{ ...pages.fault, message: `${say.failed} ${pages.fault.message}` }} again={pages.reload} />
      ) : null}
      <FaultNote fault={fault} />
      <div className="split" style={usePaneStyle("peek")}>
        {!pages.value ? (
          <div className="grow sec">{pages.fault ? null : <Skeleton rows={12} label={words.loading} />}</div>
        ) : shown.length === 0 ? (
          <div className="col grow">
            <Nothing wanted={wanted} set={set} organizations={organizations} among={pages.more ? among : null} onFurther={pages.more} />
            <Forgotten sessions={pages.forgotten} />
          </div>
        ) : (
          <div className="col grow" data-pane="list">
            <SessionTable
              sessions={shown}
              selected={selected?.id ?? null}
              onSelect={pick}
              onOpen={replay}
              onPeek={() => peek(!peeking)}
              // Where a part is looked through, few rows may fit of many pages: how far it goes is the person's to say.
              onNear={among !== null || pages.moreBusy || pages.moreFault ? null : pages.more}
              total={total}
              order={wanted.order}
              onOrder={(order) => set({ order })}
              waiting={pages.waiting}
              ahead={2 * pages.pageLength}
            />
            <Forgotten sessions={pages.forgotten} />
            <More pages={pages} among={among} />
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

/** The end of what was loaded: how far it was looked through, why no more came, and the way on. */
function More({ pages, among }: { pages: ReturnType<typeof usePages>; among: number | null }) {
  return (
    <>
      <FaultNote fault={pages.moreFault} />
      {pages.more ? (
        <div className="list-more">
          {among === null ? null : <span className="s12 t2">{say.lookedThrough(thousands(among))}</span>}
          <Button look="quiet" size="sm" busy={pages.moreBusy} onPress={pages.more} data-testid="more-sessions">
            {among === null ? say.more : say.lookFurther}
          </Button>
        </div>
      ) : null}
    </>
  );
}
