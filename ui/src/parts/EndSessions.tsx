import { HandPalmIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import type { RevokedView, SessionView } from "../generated/bindings";
import { Button } from "./Button";
import { CodeField } from "./CodeField";
import { Dialog } from "./Dialog";
import { Skeleton } from "./Empty";
import { wrongCode } from "./fault";
import { FaultNote } from "./FaultNote";
import { holds, mayEnd } from "./holds";
import { useKept } from "./kept";
import { useKeys } from "./keys";
import { words } from "./words";

const say = words.ending;
/** As the engine counts it. */
const shortest = 10;
/** Sessions that one signature ends. */
const most = 100;
const END = "END";

/** What the gateway said of it. */
export function saidOf(revoked: RevokedView, named: number): string {
  if (!revoked.gateway) return say.notYet;
  if (revoked.sessions.length < named) return say.inPart(revoked.sessions.length, named);
  return named === 1 ? say.done : say.doneAll(named);
}

interface QuestionProps {
  sessions: SessionView[];
  /** It was asked for all of them: whoever ends them types so. */
  all: boolean;
  onDone: (said: string) => void;
  onClose: () => void;
}

/** Ending somebody's Session takes a reason that they read, and a code for exactly this. */
function Question({ sessions, all, onDone, onClose }: QuestionProps) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [reason, setReason] = useKept(`end ${all ? "all" : (sessions[0]?.id ?? "")}`);
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const named = sessions.slice(0, most);
  const [first] = named;
  const ready = first !== undefined && reason.trim().length >= shortest && code.length === 6 && (!all || typed === END) && !busy;
  const sign = async () => {
    if (!ready) return;
    const revoked = await run(() =>
      backend.endSessions(
        named.map((one) => one.id),
        reason.trim(),
        code,
      ),
    );
    setCode("");
    if (!revoked) return;
    setReason("");
    onDone(saidOf(revoked, named.length));
  };
  if (!first) return <p className="t2">{say.none}</p>;
  return (
    <>
      <p className="t2">{all ? say.allLead : say.oneLead(first.name)}</p>
      {all ? (
        <ul className="named s12" data-testid="named">
          {named.map((one) => (
            <li key={one.id}>{say.named(one.name, one.organization.name)}</li>
          ))}
        </ul>
      ) : null}
      {sessions.length > most ? <p className="s12 amber">{say.tooMany(most)}</p> : null}
      <label className="lbl" htmlFor="end-reason">
        {say.why}
      </label>
      <input
        id="end-reason"
        className="fld"
        value={reason}
        maxLength={500}
        data-testid="end-reason"
        onChange={(event) => setReason(event.target.value)}
      />
      {all ? (
        <>
          <label className="lbl" htmlFor="end-typed">
            {say.type}
          </label>
          <input
            id="end-typed"
            className="fld mono"
            value={typed}
            maxLength={8}
            spellCheck={false}
            autoComplete="off"
            data-testid="end-typed"
            onChange={(event) => setTyped(event.target.value)}
          />
        </>
      ) : null}
      <CodeField value={code} onChange={setCode} onEnter={sign} wrong={wrong} />
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
      <div className="dialog-actions">
        <Button onPress={onClose} autoFocus data-testid="keep-open">
          {named.length === 1 && !all ? say.keep : say.keepAll}
        </Button>
        <Button look="stop" icon={<HandPalmIcon size={18} />} busy={busy} isDisabled={!ready} onPress={sign} data-testid="confirm-end">
          {all ? say.endAll : say.end}
        </Button>
      </div>
    </>
  );
}

interface OneProps {
  session: SessionView;
  size?: "sm" | "md";
  /** X asks for it, too. */
  keyed?: boolean;
  onDone: (said: string) => void;
}

/** The way to put somebody out, for whoever may. */
export function EndSession({ session, size = "md", keyed = false, onDone }: OneProps) {
  const { person } = useAppState();
  const [asking, setAsking] = useState(false);
  useKeys(keyed ? { x: () => setAsking(true) } : {});
  if (!mayEnd(person)) return null;
  const close = () => setAsking(false);
  const done = (said: string) => {
    close();
    onDone(said);
  };
  return (
    <>
      <Button look="danger" size={size} icon={<HandPalmIcon size={16} />} onPress={() => setAsking(true)} data-testid="end-this">
        {say.end}
      </Button>
      <Dialog role="alertdialog" title={say.one(session.name, session.organization.name)} open={asking} onClose={close}>
        <Question sessions={[session]} all={false} onDone={done} onClose={close} />
      </Dialog>
    </>
  );
}

interface Which {
  organization: string | null;
  /** By name. */
  person: string | null;
}

function All({ organization, person, onDone, onClose }: Which & { onDone: (said: string) => void; onClose: () => void }) {
  const backend = useBackend();
  const load = async () =>
    (await backend.runningSessions(organization, null)).filter((one) => !person || one.name.toLowerCase().includes(person.toLowerCase()));
  const running = useLoaded(load, `running ${organization} ${person}`);
  return (
    <Dialog role="alertdialog" title={running.value ? say.all(running.value.length) : say.endAll} open onClose={onClose}>
      {running.fault ? (
        <FaultNote fault={running.fault} again={running.reload} />
      ) : running.value ? (
        <Question sessions={running.value} all onDone={onDone} onClose={onClose} />
      ) : (
        <Skeleton rows={3} label={words.loading} />
      )}
    </Dialog>
  );
}

/** Ends every Session that runs, or those of one Organization or person; each is named before it is signed. */
export function EndAll({ organization, person }: Which) {
  const signedIn = useAppState().person;
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState("");
  if (!holds(signedIn, "reviewer")) return null;
  return (
    <>
      <span className="s12 t2" role="status" data-testid="ended-all">
        {told}
      </span>
      <Button look="danger" size="sm" icon={<HandPalmIcon size={14} />} onPress={() => setAsking(true)} data-testid="end-all">
        {say.endAll}
      </Button>
      {asking ? (
        <All
          organization={organization}
          person={person}
          onDone={(said) => {
            setAsking(false);
            setTold(said);
          }}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}
