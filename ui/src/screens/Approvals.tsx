import { SealCheckIcon } from "@phosphor-icons/react";
import { useEffect, useState } from "react";
import { useServerSeconds } from "../backend/clock";
import { useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import { Enrolments } from "../features/enrolments/Enrolments";
import { Decide } from "../features/inbox/Decide";
import { Detail } from "../features/inbox/Detail";
import { Inbox } from "../features/inbox/Inbox";
import type { RequestView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { Empty, Skeleton } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { clock } from "../parts/format";
import { useKeys } from "../parts/keys";
import { go } from "../parts/route";
import { Tally } from "../parts/Tally";
import { words } from "../parts/words";

const say = words.approvals;

function Action({ request, onDone }: { request: RequestView; onDone: (request: RequestView) => void }) {
  const broken = [request.left, ...request.right].some((one) => one.check === "does-not-match");
  if (broken) {
    return (
      <p className="actnote red" role="alert">
        {say.mismatch} {request.left.refusal}
      </p>
    );
  }
  if (request.decidable) return <Decide key={request.id} request={request} onDone={onDone} />;
  if (request.state !== "waiting") return null;
  return <p className="actnote t2">{request.mine ? say.own : say.notYours}</p>;
}

function Keys({ requests, selected }: { requests: RequestView[]; selected: RequestView | null }) {
  const step = (by: number) => () => {
    const next = requests[(selected ? requests.indexOf(selected) : -1) + by];
    if (next) go(`approvals/${encodeURIComponent(next.id)}`);
  };
  useKeys({ j: step(1), k: step(-1) });
  return (
    <div className="inbox-foot s11 t3 nw">
      <kbd>J</kbd> <kbd>K</kbd> {say.move}&ensp;<kbd>A</kbd> {say.keySign}&ensp;<kbd>D</kbd> {say.keyDeny}
    </div>
  );
}

function useToldOf() {
  const now = useServerSeconds(30_000);
  const [told, setTold] = useState("");
  const tell = (request: RequestView) => {
    const name = request.left.name.split(" ")[0] ?? request.left.name;
    setTold(request.state === "denied" ? say.denied(name) : say.done(clock(now), name));
  };
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(""), 12_000);
    return () => clearTimeout(timer);
  }, [told]);
  return { told, tell };
}

/** The second signature, informed, in under ten seconds. */
export function Approvals({ id }: { id: string }) {
  const backend = useBackend();
  const { person } = useAppState();
  const [view, setView] = useState<"inbox" | "decided">("inbox");
  const list = useLoaded(() => backend.requests(view), view, ["requests", "door"]);
  const { told, tell } = useToldOf();
  const requests = [...(list.value ?? [])].sort((a, b) => (view === "inbox" ? a.left.at - b.left.at : b.left.at - a.left.at));
  const selected = requests.find((one) => one.id === id) ?? requests[0] ?? null;
  const administers = person?.roles.includes("administrator") ?? false;
  return (
    <div className="split">
      <div className="inbox">
        <div className="inbox-head">
          <h1 className="grow">{say.title}</h1>
          {(["inbox", "decided"] as const).map((one) => (
            <Button
              key={one}
              look="quiet"
              size="sm"
              aria-pressed={view === one}
              className={view === one ? "on" : ""}
              onPress={() => setView(one)}
              data-testid={`view-${one}`}
            >
              {say[one]}
            </Button>
          ))}
        </div>
        {administers ? <Enrolments /> : null}
        {list.value ? (
          <Inbox requests={requests} selected={selected?.id ?? null} onSelect={(next) => go(`approvals/${encodeURIComponent(next)}`)} />
        ) : (
          <div className="grow sec">
            {list.fault ? <FaultNote fault={list.fault} again={list.reload} /> : <Skeleton rows={5} label={words.loading} />}
          </div>
        )}
        <Keys requests={requests} selected={selected} />
      </div>
      <div className="col grow">
        <div role="status" aria-live="polite">
          {told ? (
            <div className="told" data-testid="told">
              <SealCheckIcon size={16} />
              {told}
            </div>
          ) : null}
        </div>
        {selected ? (
          <>
            <Detail request={selected} viewer={person?.name ?? ""} />
            <Action request={selected} onDone={tell} />
          </>
        ) : list.value ? (
          <Empty
            icon={<Tally state="waiting" size={26} label={false} />}
            title={view === "inbox" ? say.none : say.noneDecided}
            note={view === "inbox" ? say.noneNote : undefined}
          />
        ) : null}
      </div>
    </div>
  );
}
