import { memo, useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import type { RevealView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { useOfflineWhy } from "../../parts/Offline";
import { MoreRows } from "../../parts/MoreRows";
import { revealWords as say } from "../../parts/revealWords";
import { useRows } from "../../parts/rows";
import { Time } from "../../parts/Time";
import { AskToOpen } from "./AskToOpen";
import { type Mark, MOST_MARKS } from "./marks";
import { type Marks, useChosen } from "./useMarks";
import { Values } from "./Values";

/** How far what was asked for has come. */
function State({ one }: { one: RevealView }) {
  const now = useServerSeconds();
  const [first = ""] = one.by;
  if (one.readableUntil !== null) {
    if (one.isOwn) return <Values key={one.id} id={one.id} until={one.readableUntil} />;
    if (now >= one.readableUntil) return <b data-testid="reveal-over">{say.over}</b>;
    return (
      <b>
        <Time at={one.readableUntil} as="short" say={(time) => say.openTo(first, time)} />
      </b>
    );
  }
  if (now >= one.until) {
    return (
      <div data-testid="reveal-lapsed">
        <b>{say.lapsed}</b>
        <p className="s12 t2">{say.lapsedNote}</p>
      </div>
    );
  }
  return (
    <div data-testid="reveal-waiting">
      <b className="amber">{one.maySign ? say.waitsForYou : say.waiting}</b>
      <p className="s12 t2">
        <Time at={one.until} say={one.maySign ? say.youUntil : say.waitingUntil} />
      </p>
      {one.maySign ? (
        <a className="link s12" href="#/approvals">
          {say.inApprovals}
        </a>
      ) : null}
    </div>
  );
}

function Asked({ one, rules }: { one: RevealView; rules: Map<string, string> }) {
  const [first = "", second] = one.by;
  const who = (ago: string) => (one.isOwn ? say.askedByYou(ago) : say.asked(first, ago));
  return (
    <li className="reveal" data-testid={`reveal-${one.id}`}>
      <State one={one} />
      <div className="s12 t2">
        {second === undefined ? <Time at={one.at} as="ago" say={who} /> : one.isOwn ? say.bothYou(second) : say.both(first, second)}
      </div>
      <div className="s12">“{one.justification}”</div>
      <div className="mono s11 t3">{one.marks.map((digits) => say.mark(rules.get(digits) ?? "", digits)).join(" ")}</div>
    </li>
  );
}

interface RowProps {
  mark: Mark;
  on: boolean;
  toggle: ((digits: string[]) => void) | undefined;
  onSeek: ((atMs: number) => void) | null;
}

/** Drawn anew when it changes alone: the clock of the replay runs beside it. */
const Row = memo(function Row({ mark, on, toggle, onSeek }: RowProps) {
  const name = say.mark(mark.rule, mark.digits);
  const { atMs } = mark;
  return (
    <li>
      {toggle ? (
        <input
          type="checkbox"
          aria-label={say.choose(name)}
          checked={on}
          onChange={() => toggle([mark.digits])}
          data-testid={`mark-${mark.digits}`}
        />
      ) : null}
      <span className="grow">
        <span className="mono s12 name">{name}</span>
        <span className="s11 t3 row gap-2">
          <Time at={atMs / 1000} as="seconds" />
          {say.times(mark.times)}
        </span>
      </span>
      {onSeek ? (
        <Button size="sm" look="quiet" aria-label={say.goTo(name)} onPress={() => onSeek(atMs)}>
          {say.go}
        </Button>
      ) : null}
    </li>
  );
});

interface Props extends Marks {
  session: string;
  live: boolean;
  onSeek: ((atMs: number) => void) | null;
}

/** What is masked in this Recording, and how a reviewer has it opened by two people. */
export function MarkPanel({ marks, reveals, session, live, onSeek }: Props) {
  const chosen = useChosen();
  const [asking, setAsking] = useState(false);
  const offline = useOfflineWhy();
  const named = marks.filter((one) => chosen?.digits.has(one.digits));
  const rows = useRows(marks, -1);
  const rules = new Map(marks.map((one) => [one.digits, one.rule]));
  const why = live ? say.notSealed : named.length === 0 ? say.askWhy : named.length > MOST_MARKS ? say.tooMany(MOST_MARKS) : offline;
  return (
    <div className="col grow marks">
      <div className="grow scroll pad" tabIndex={0} role="region" aria-label={say.tab}>
        <FaultNote fault={reveals.fault} again={reveals.reload} />
        <ul className="reveals">
          {(reveals.value ?? []).map((one) => (
            <Asked key={one.id} one={one} rules={rules} />
          ))}
        </ul>
        <p className="s12 t2">{say.lead}</p>
        <MoreRows side="earlier" count={rows.earlier} onPress={rows.goEarlier} />
        <ul className="marks-list" aria-label={say.list}>
          {rows.shown.map((one) => (
            <Row key={one.digits} mark={one} on={chosen?.digits.has(one.digits) ?? false} toggle={chosen?.toggle} onSeek={onSeek} />
          ))}
        </ul>
        <MoreRows side="later" count={rows.later} onPress={rows.goLater} />
      </div>
      {chosen ? (
        <div className="rp-foot">
          <Button className="grow" why={why} onPress={() => setAsking(true)} data-testid="ask-to-open">
            {say.ask(named.length)}
          </Button>
          {why && named.length > 0 ? <p className="s11 t3">{why}</p> : null}
        </div>
      ) : null}
      {asking ? (
        <AskToOpen
          session={session}
          marks={named}
          onDone={() => {
            setAsking(false);
            chosen?.clear();
            reveals.reload();
          }}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  );
}
