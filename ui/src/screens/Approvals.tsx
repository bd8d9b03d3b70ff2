import { SealCheckIcon } from "@phosphor-icons/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useServerSeconds } from "../backend/clock";
import { useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import type { RequestList } from "../backend/wire";
import { Computers } from "../features/enrolments/Computers";
import { Enrolments } from "../features/enrolments/Enrolments";
import { Decide } from "../features/inbox/Decide";
import { Detail } from "../features/inbox/Detail";
import { Inbox } from "../features/inbox/Inbox";
import { Reveals } from "../features/reveals/Reveals";
import { RevokeGrant } from "../parts/RevokeGrant";
import type { RequestView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { CopyDetails } from "../parts/CopyDetails";
import { Empty, Skeleton } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { holds } from "../parts/holds";
import { useKeys } from "../parts/keys";
import { usePreferences } from "../parts/preferences";
import { revealWords } from "../parts/revealWords";
import { go, replace, routeOf } from "../parts/route";
import { Splitter, usePaneStyle } from "../parts/Splitter";
import { Stale } from "../parts/Stale";
import { Tally } from "../parts/Tally";
import { Time } from "../parts/Time";
import { words } from "../parts/words";

const say = words.approvals;

interface ActionProps {
  request: RequestView;
  loaded: boolean;
  onDone: (request: RequestView) => void;
  onTold: (said: string) => void;
}

function Action({ request, loaded, onDone, onTold }: ActionProps) {
  const broken = [request.left, ...request.right].some((one) => one.check === "does-not-match");
  if (broken) {
    return (
      <div className="actnote red row gap-3" role="alert">
        <span className="grow">
          {say.mismatch} {request.left.refusal}
        </span>
        <CopyDetails fault={{ code: "does-not-match", message: say.mismatch, next: `${request.left.refusal} ${request.id}`.trim() }} />
      </div>
    );
  }
  if (!loaded) return null;
  if (!request.mine && (request.state === "approved" || request.state === "open")) {
    return (
      <div className="actbar">
        <RevokeGrant key={request.id} request={request.id} organization={request.organization.name} onDone={onTold} />
      </div>
    );
  }
  if (request.decidable) return <Decide key={request.id} request={request} onDone={onDone} />;
  if (request.state !== "waiting") return null;
  return <p className="actnote t2">{request.mine ? say.own : say.notYours}</p>;
}

const lists = ["inbox", "decided"] as const satisfies RequestList[];
/** The two lists. Which one is shown stands in the address, beside the request that is: neither changes without the other. */
export type List = (typeof lists)[number];

const pathOf = (list: List, id = "") => `approvals${id && `/${encodeURIComponent(id)}`}${list === "decided" ? "?decided" : ""}`;

/** Whether the address is this list's own, with no request beside it. */
function isAt(list: List): boolean {
  const { page, part, query } = routeOf(window.location.hash);
  return page === "approvals" && part === "" && query.has("decided") === (list === "decided");
}

function Keys({ requests, selected, onMove }: { requests: RequestView[]; selected: string; onMove: (id: string) => void }) {
  const step = (by: number) => () => {
    const next = requests[requests.findIndex((one) => one.id === selected) + by];
    if (next) onMove(next.id);
  };
  useKeys({ j: step(1), k: step(-1) });
  const { singleKeys } = usePreferences();
  if (!singleKeys) return null;
  return (
    <div className="inbox-foot s11 t3 nw">
      <kbd>J</kbd> <kbd>K</kbd> {say.move}&ensp;<kbd>A</kbd> {say.keySign}&ensp;<kbd>D</kbd> {say.keyDeny}
    </div>
  );
}

function useToldOf() {
  const now = useServerSeconds(30_000);
  const [told, setTold] = useState<ReactNode>("");
  const tell = (request: RequestView) => {
    const name = request.left.name.split(" ")[0] ?? request.left.name;
    setTold(request.state === "denied" ? say.denied(name) : <Time at={now} as="clock" say={(at) => say.done(at, name)} />);
  };
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(""), 12_000);
    return () => clearTimeout(timer);
  }, [told]);
  return { told, tell, say: setTold };
}

interface NamedProps {
  id: string;
  /** What the list says of it: shown until it is here itself, and never signed. */
  listed: RequestView | undefined;
  onDone: (request: RequestView) => void;
  onTold: (said: string) => void;
}

/** The request that was named, whatever became of it; never another one. */
function Named({ id, listed, onDone, onTold }: NamedProps) {
  const backend = useBackend();
  const { person } = useAppState();
  const one = useLoaded(() => backend.request(id), `request ${id}`, ["requests", "door"]);
  const shown = one.value ?? listed;
  if (one.fault?.code === "no-such-request" && !one.value)
    return <Empty icon={<Tally state="expired" size={26} label={false} />} title={say.gone} note={say.goneNote} />;
  return (
    <>
      <FaultNote fault={one.fault} again={one.reload} />
      {shown ? (
        <>
          <Detail
            request={shown}
            loaded={one.value !== null}
            failed={one.fault !== null}
            viewer={person?.name ?? ""}
            person={person?.person ?? ""}
          />
          <Action request={shown} loaded={one.value !== null} onDone={onDone} onTold={onTold} />
        </>
      ) : one.fault ? null : (
        <div className="sec">
          <Skeleton rows={6} label={words.loading} />
        </div>
      )}
    </>
  );
}

/** Without a name in the address the first of the list is put there, once: it does not change under the reader's eyes. */
function useFirst(list: List, id: string, requests: RequestView[] | null): (decided: RequestView) => void {
  const decided = useRef(new Set<string>());
  const first = requests?.find((one) => !decided.current.has(one.id))?.id;
  useEffect(() => {
    // The reader may have gone elsewhere by now, which is not shown yet.
    if (!id && first && isAt(list)) replace(pathOf(list, first));
  }, [list, id, first]);
  return (request) => {
    decided.current.add(request.id);
    const next = requests?.find((one) => !decided.current.has(one.id));
    go(pathOf(list, next?.id));
  };
}

interface NothingProps {
  view: List;
  approves: boolean;
  /** Marks that wait for a second person, beside it. */
  toOpen: number;
}

/** In the place of a request, where there is none. */
function Nothing({ view, approves, toOpen }: NothingProps) {
  const { reviewers, reviewersNote, noRequest, noRequestNote } = revealWords.inbox;
  const waiting = toOpen ? [noRequest, noRequestNote] : [say.none, say.noneNote];
  const said = !approves ? [reviewers, reviewersNote] : view === "decided" ? [say.noneDecided] : waiting;
  return <Empty icon={<Tally state="waiting" size={26} label={false} />} title={said[0] ?? ""} note={said[1]} />;
}

/** The second signature, informed, in under ten seconds. */
export function Approvals({ id, view }: { id: string; view: List }) {
  const backend = useBackend();
  const { person } = useAppState();
  const [toOpen, setToOpen] = useState(0);
  // Whoever only reviews signs no requests: what waits for them are marks.
  const approves = holds(person, "approver", "administrator") || id !== "";
  const list = useLoaded(() => (approves ? backend.requests(view) : Promise.resolve([])), `${view} ${approves}`, ["requests", "door"]);
  const { told, tell, say: sayDone } = useToldOf();
  const requests = [...(list.value ?? [])].sort((a, b) => (view === "inbox" ? a.left.at - b.left.at : b.left.at - a.left.at));
  const goOn = useFirst(view, id, list.value && list.fault === null ? requests : null);
  const done = (request: RequestView) => {
    tell(request);
    goOn(request);
  };
  const administers = holds(person, "administrator");
  const show = (next: string) => go(pathOf(view, next));
  return (
    <div className="split" style={usePaneStyle("inbox")}>
      <div className="inbox" data-pane="inbox">
        <div className="inbox-head">
          <h1 className="grow">{say.title}</h1>
          {(approves ? lists : []).map((one) => (
            <Button
              key={one}
              look="quiet"
              size="sm"
              aria-pressed={view === one}
              className={view === one ? "on" : ""}
              onPress={() => one !== view && go(pathOf(one))}
              data-testid={`view-${one}`}
            >
              {say[one]}
            </Button>
          ))}
        </div>
        {administers ? <Enrolments /> : null}
        {administers ? <Computers /> : null}
        <Reveals onTold={sayDone} onCount={setToOpen} />
        <Stale of={list} />
        {list.value ? (
          <Inbox requests={requests} selected={id || null} onSelect={show} />
        ) : (
          <div className="grow sec">
            {list.fault ? <FaultNote fault={list.fault} again={list.reload} /> : <Skeleton rows={5} label={words.loading} />}
          </div>
        )}
        {approves ? <Keys requests={requests} selected={id} onMove={show} /> : null}
      </div>
      <Splitter pane="inbox" label={say.title} />
      <div className="col grow" data-pane="request">
        <div role="status" aria-live="polite">
          {told ? (
            <div className="told" data-testid="told">
              <SealCheckIcon size={16} />
              {told}
            </div>
          ) : null}
        </div>
        {id ? (
          <Named key={id} id={id} listed={requests.find((one) => one.id === id)} onDone={done} onTold={sayDone} />
        ) : list.value && requests.length === 0 ? (
          <Nothing view={view} approves={approves} toOpen={toOpen} />
        ) : null}
      </div>
    </div>
  );
}
