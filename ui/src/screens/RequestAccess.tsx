import { ArrowLeftIcon, SignatureIcon } from "@phosphor-icons/react";
import { useEffect, useRef, useState } from "react";
import { useAction, useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import { durations, type Field, longestOf, wrongOf } from "../features/form/check";
import { forgetDraft, keepDraft, readDraft } from "../features/form/draft";
import { Fields } from "../features/form/Fields";
import "../features/form/form.css";
import { useOrganizations } from "../features/form/OrganizationField";
import { Preview } from "../features/form/Preview";
import { openable } from "../features/grants/order";
import type { RequestForm } from "../generated/bindings";
import { Button } from "../parts/Button";
import { Skeleton } from "../parts/Empty";
import { FaultNote } from "../parts/FaultNote";
import { duration } from "../parts/format";
import { useCommandKeys } from "../parts/keys";
import { Offline, useOfflineWhy } from "../parts/Offline";
import { tellInPassing } from "../parts/passing";
import { go, routeOf } from "../parts/route";
import { Tally } from "../parts/Tally";
import { Time } from "../parts/Time";
import { words } from "../parts/words";

const { form: say } = words;

const linkHere = () => routeOf(window.location.hash).query;

/** What the link asks for stands above the draft, and the draft above the defaults; what was typed under this very link above all. */
function startingForm(): RequestForm {
  const query = linkHere();
  const kept = readDraft();
  const ours = kept?.link === query.toString();
  const draft = ours || query.size === 0 ? (kept?.form ?? {}) : {};
  const from = (key: "organization" | "reason" | "ticket" | "justification" | "scope", otherwise: string) =>
    (ours ? draft[key] : undefined) ?? query.get(key) ?? draft[key] ?? otherwise;
  const asked = durations.find((one) => one === Number(query.get("duration")));
  return {
    organization: from("organization", ""),
    reason: from("reason", "customer-reported-problem"),
    ticket: from("ticket", ""),
    justification: from("justification", ""),
    scope: from("scope", "read"),
    durationSeconds: (ours ? draft.durationSeconds : asked) ?? asked ?? draft.durationSeconds ?? 1800,
  };
}

/** Says that the Organization is open already, so nobody asks twice, and leads there. */
function Duplicate({ form }: { form: RequestForm }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const mine = useLoaded(() => backend.requests("mine"), "mine", ["requests"]);
  const same = mine.value?.find((one) => openable(one) && one.organization.id === form.organization && one.scope === form.scope);
  if (!same) return null;
  const { openHere, session } = same;
  const there = openHere && session ? () => void run(() => backend.showSession(session)) : () => go("access");
  return (
    <>
      <div className="form-note" role="status" data-testid="duplicate">
        <Time
          className="grow"
          at={same.sessionEndsAt ?? same.until}
          as="short"
          say={(time) =>
            (same.state === "open" ? say.duplicate : say.duplicateClosed)(words.scope[same.scope] ?? "", same.organization.name, time)
          }
        />
        <Button size="sm" busy={busy} onPress={there} data-testid="duplicate-go">
          {openHere && session ? words.access.returnTo : words.fault.home}
        </Button>
      </div>
      <FaultNote fault={fault} />
    </>
  );
}

/** What was chosen under one policy may be too much under the next, which came while somebody wrote. */
function PolicyChanged({ form }: { form: RequestForm }) {
  const { policy } = useAppState();
  const [first] = useState(policy.digest);
  if (policy.digest === first) return null;
  const scope = words.scope[form.scope] ?? "";
  const longest = longestOf(policy, form.reason, form.scope);
  return (
    <div className="form-note" role="status" data-testid="policy-changed">
      {say.policyChanged} {longest > 0 ? say.nowAtMost(scope, duration(longest)) : say.nowForbidden(scope)}
    </div>
  );
}

function Summary({ wrong }: { wrong: Partial<Record<Field, string>> }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} role="alert" className="summary" data-testid="summary">
      <b>{say.summary}</b>
      <ul className="s12">
        {Object.values(wrong).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

function Foot({ busy, onSign }: { busy: boolean; onSign: () => void }) {
  const { person, device } = useAppState();
  return (
    <div className="foot-sign">
      <div className="row gap-3">
        <Tally state="unsigned" size={20} />
        <div>
          <span className="sign">{person?.name}</span>
          <div className="s11 t3">{device ? say.signing(device.name, device.keptIn) : null}</div>
        </div>
      </div>
      <Button
        look="primary"
        size="lg"
        icon={<SignatureIcon size={18} />}
        shortcut="Ctrl Enter"
        onPress={onSign}
        busy={busy}
        why={useOfflineWhy()}
        data-testid="sign-request"
      >
        {say.sign}
      </Button>
    </div>
  );
}

/** A truthful request in under twenty seconds. */
export function RequestAccess() {
  const backend = useBackend();
  const { policy } = useAppState();
  const { list, note } = useOrganizations();
  const { busy, fault, run } = useAction();
  const [form, setForm] = useState(startingForm);
  const [link] = useState(() => linkHere().toString());
  const [tried, setTried] = useState(0);
  const wrong = wrongOf(form, policy);
  const shown = tried > 0 ? wrong : {};
  const typed = useRef(false);
  const set = (change: Partial<RequestForm>) => {
    typed.current = true;
    setForm((old) => ({ ...old, ...change }));
  };
  // What a link fills in is not yet somebody's draft, and does not take the place of one.
  useEffect(() => {
    if (typed.current) keepDraft(form, link);
  }, [form]);
  const signed = useRef(false);
  const offline = useOfflineWhy();
  const sign = async () => {
    if (signed.current || offline) return;
    if (Object.keys(wrong).length > 0) return setTried((times) => times + 1);
    if ((await run(() => backend.signRequest(form))) === null) return;
    signed.current = true;
    forgetDraft();
    go("access");
    tellInPassing(words.access.sent);
  };
  useCommandKeys({ Enter: () => void sign() });
  return (
    <>
      <header className="head rule">
        <Button
          look="quiet"
          size="sm"
          label={say.cancel}
          icon={<ArrowLeftIcon size={16} className="flips" />}
          onPress={() => go("access")}
        />
        <h1>{say.title}</h1>
        <span className="t3">{say.note}</span>
        <Button look="quiet" size="sm" className="push" onPress={() => go("access")} data-testid="cancel">
          {say.cancel}
        </Button>
      </header>
      <Offline />
      <div className="split">
        <div className="grow form scroll" data-pane="form">
          {Object.keys(shown).length > 0 ? <Summary key={tried} wrong={shown} /> : null}
          <FaultNote fault={fault} />
          {note}
          <PolicyChanged form={form} />
          <Duplicate form={form} />
          {list ? <Fields form={form} set={set} wrong={shown} organizations={list} /> : <Skeleton rows={6} label={words.loading} />}
        </div>
        <Preview form={form} policy={policy} organization={list?.find((one) => one.id === form.organization)?.name ?? ""} />
      </div>
      <Foot busy={busy} onSign={() => void sign()} />
    </>
  );
}
