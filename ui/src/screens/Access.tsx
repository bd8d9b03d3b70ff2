import { SignatureIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { type Loaded, useAction, useBackend, useLoaded } from "../backend/context";
import { doorsWork, useAppState } from "../backend/state";
import { Grant } from "../features/grants/Grant";
import { How } from "../features/grants/How";
import { Recent, Waiting } from "../features/grants/Lists";
import { group } from "../features/grants/order";
import { CodeQuestion, EndQuestion } from "../features/grants/Questions";
import type { DoorView, RequestView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { Empty, Skeleton } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { Offline, useOfflineWhy } from "../parts/Offline";
import { go } from "../parts/route";
import { Stale } from "../parts/Stale";
import { Tally } from "../parts/Tally";
import { words } from "../parts/words";

const { access } = words;

interface OpenProps {
  requests: RequestView[];
  more: Map<string, RequestView[]>;
  works: boolean;
}

const doorOf = (request: RequestView, doors: DoorView[] | null) => doors?.find((one) => one.request === request.id && !one.endedBy) ?? null;

function Open({ requests, more, works }: OpenProps) {
  const backend = useBackend();
  const { busy, fault, run, clear } = useAction();
  const [asking, setAsking] = useState<RequestView | null>(null);
  const [ending, setEnding] = useState<RequestView | null>(null);
  const [extending, setExtending] = useState<string | null>(null);
  /** Which one something is under way for. */
  const [acting, setActing] = useState("");
  const doors = useLoaded(() => backend.doors(), "doors", ["door"]);
  const open = async (request: RequestView, code: string | null) => {
    setActing(request.id);
    const needed = await run(() =>
      backend.openSession(request.id, code).then(
        () => "opened",
        (thrown) => {
          if (thrown?.view?.code !== "code-needed") throw thrown;
          return "code";
        },
      ),
    );
    if (needed === "opened") setAsking(null);
    else if (needed === "code") setAsking(request);
  };
  // A session whose window is gone, as after a crash, is taken up again: the same session, its clock as it was.
  const back = (request: RequestView) => {
    setActing(request.id);
    return request.openHere && request.session ? run(() => backend.showSession(request.session ?? "")) : open(request, null);
  };
  const end = (request: RequestView) => {
    setActing(request.id);
    setEnding(null);
    void run(async () => {
      if (request.state === "open") await backend.endSession(request.id);
      else await backend.withdraw(request.id);
    });
  };
  const close = () => {
    setAsking(null);
    clear();
  };
  return (
    <>
      {asking ? null : <FaultNote fault={fault} />}
      <ul className="panel">
        {requests.map((request) => (
          <Grant
            key={request.id}
            request={request}
            more={more.get(request.id) ?? []}
            door={doorOf(request, doors.value)}
            asking={extending === request.id}
            works={works}
            busy={busy}
            going={busy && acting === request.id && asking === null}
            onOpen={() => void open(request, null)}
            onReturn={() => void back(request)}
            onExtend={(asking) => setExtending(asking ? request.id : null)}
            onEnd={() => setEnding(request)}
            onWithdraw={(id) => void run(() => backend.withdraw(id))}
          />
        ))}
      </ul>
      {asking ? (
        <CodeQuestion request={asking} busy={busy} fault={fault} onCode={(code) => void open(asking, code)} onClose={close} />
      ) : null}
      {ending ? <EndQuestion request={ending} onClose={() => setEnding(null)} onEnd={() => end(ending)} /> : null}
    </>
  );
}

function Lists({ mine, works }: { mine: Loaded<RequestView[]>; works: boolean }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  if (!mine.value) return mine.fault ? <FaultNote fault={mine.fault} again={mine.reload} /> : <Skeleton rows={6} label={words.loading} />;
  const { open, waiting, recent, more } = group(mine.value);
  return (
    <>
      <Stale of={mine} />
      {open.length > 0 ? (
        <section className="sec">
          <div className="hd">
            <h2>{access.open}</h2>
          </div>
          <Open requests={open} more={more} works={works} />
        </section>
      ) : null}
      {waiting.length > 0 ? (
        <section className="sec">
          <div className="hd">
            <h2>{access.waiting}</h2>
          </div>
          <FaultNote fault={fault} />
          <Waiting requests={waiting} busy={busy} onWithdraw={(id) => void run(() => backend.withdraw(id))} />
        </section>
      ) : null}
      {open.length + waiting.length === 0 ? (
        <Empty icon={<Tally state="expired" size={26} label={false} />} title={access.empty} note={access.emptyNote}>
          <Button look="primary" onPress={() => go("request")}>
            {access.request}
          </Button>
        </Empty>
      ) : null}
      <section className="sec">
        <div className="hd">
          <h2>{access.recent}</h2>
          <span className="s12 t3">{access.recentNote}</span>
        </div>
        <Recent requests={recent} more={more} />
      </section>
    </>
  );
}

/** Continue, ask, or wait. */
export function Access() {
  const backend = useBackend();
  const state = useAppState();
  const mine = useLoaded(() => backend.requests("mine"), "mine", ["requests", "door", "state"]);
  const grouped = group(mine.value ?? []);
  const works = doorsWork(state);
  return (
    <>
      <header className="head">
        <h1>{access.title}</h1>
        {mine.value ? <span className="t3">{access.summary(grouped.open.length, grouped.waiting.length)}</span> : null}
        <Button
          look="primary"
          size="lg"
          className="push"
          icon={<SignatureIcon size={18} />}
          shortcut="Ctrl N"
          why={useOfflineWhy()}
          onPress={() => go("request")}
          data-testid="request-access"
        >
          {access.request}
        </Button>
      </header>
      <Offline />
      <div className="split">
        <div className="grow scroll" data-pane="access">
          <Lists mine={mine} works={works} />
        </div>
        <How />
      </div>
    </>
  );
}
