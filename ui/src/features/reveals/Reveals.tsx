import { useEffect, useState } from "react";
import { useBackend, useLoaded } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { RevealView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { holds } from "../../parts/holds";
import { revealWords } from "../../parts/revealWords";
import { Time } from "../../parts/Time";
import { RevealQuestion } from "./RevealQuestion";
import "./reveals.css";

const say = revealWords.inbox;

interface Props {
  onTold: (said: string) => void;
  /** How many there are. */
  onCount: (count: number) => void;
}

/** Marks that a reviewer asks to have opened and whoever is signed in here can be the second person for. */
export function Reveals({ onTold, onCount }: Props) {
  const backend = useBackend();
  const { person } = useAppState();
  const signs = holds(person, "reviewer", "approver");
  const loaded = useLoaded(() => (signs ? backend.reveals() : Promise.resolve([])), `reveals ${signs}`, ["log"]);
  const [asked, setAsked] = useState<RevealView | null>(null);
  const all = [...(loaded.value ?? [])].sort((a, b) => a.at - b.at);
  const waiting = all.filter((one) => one.maySign);
  // What does not agree with the log is shown as what it is, and counts as nothing that waits.
  const odd = all.filter((one) => one.signerSaw && !one.isOwn && one.by.length === 1);
  useEffect(() => onCount(waiting.length), [onCount, waiting.length]);
  if (waiting.length + odd.length === 0 && !loaded.fault && !asked) return null;
  return (
    <section className="to-open scroll" aria-labelledby="to-open" tabIndex={0}>
      <h2 id="to-open">{say.title}</h2>
      {loaded.fault ? <p className="s12 t2">{say.failed}</p> : <p className="s12 t2">{say.note}</p>}
      <FaultNote fault={loaded.fault} again={loaded.reload} />
      <ul>
        {waiting.map((one) => (
          <li key={one.id} data-testid={`to-open-${one.id}`}>
            <b className="grow">{one.organization.name}</b>
            <Time className="s11 t3" at={one.at} as="ago" />
            <span className="s12 t2 whole">{say.row(one.by[0] ?? "", one.whose)}</span>
            <Button size="sm" onPress={() => setAsked(one)} data-testid="reveal">
              {say.read}
            </Button>
          </li>
        ))}
        {odd.map((one) => (
          <li key={one.id} data-testid={`odd-${one.id}`}>
            <b className="grow">{one.organization.name}</b>
            <Time className="s11 t3" at={one.at} as="ago" />
            <span className="s12 t2 whole">{say.from(one.by[0] ?? "")}</span>
            <span className="s12 whole" role="alert" data-testid="signer-saw">
              {one.signerSaw === "another-log" ? say.anotherLog : say.notCompared}
            </span>
          </li>
        ))}
      </ul>
      {asked ? (
        <RevealQuestion
          key={asked.id}
          one={asked}
          onDone={() => {
            setAsked(null);
            loaded.reload();
            onTold(say.done(asked.by[0] ?? ""));
          }}
          onClose={() => {
            setAsked(null);
            loaded.reload();
          }}
        />
      ) : null}
    </section>
  );
}
