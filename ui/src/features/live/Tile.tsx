import { EyeIcon } from "@phosphor-icons/react";
import type { FindingView, SessionView } from "../../generated/bindings";
import { ticksOf } from "../../parts/activity";
import { Barcode } from "../../parts/Barcode";
import { Button } from "../../parts/Button";
import { Countdown } from "../../parts/Countdown";
import { EndSession } from "../../parts/EndSessions";
import { WeightMark } from "../../parts/Finding";
import { thousands } from "../../parts/format";
import { useOfflineWhy } from "../../parts/Offline";
import { go } from "../../parts/route";
import { Scope } from "../../parts/Scope";
import { Tally } from "../../parts/Tally";
import { words } from "../../parts/words";
import "./live.css";

const say = words.live;
/** Sentences of a tile; the others are in the replay. */
const SHOWN = 2;

export const watch = (id: string) => go(`replay/${encodeURIComponent(id)}`);
export const tileId = (id: string) => `tile-${id}`;

/** What the rules point at by now. They look again whenever something comes. */
function SoFar({ findings }: { findings: FindingView[] | null }) {
  if (!findings) return <p className="s12 t3">{say.notLooked}</p>;
  if (findings.length === 0) return <p className="s12 t3">{say.nothing}</p>;
  const more = findings.length - SHOWN;
  return (
    <ul className="so-far s12" aria-label={say.soFar}>
      {findings.slice(0, SHOWN).map((one) => (
        <li key={one.rule}>
          <WeightMark weight={one.weight} />
          <span className="two-lines" title={one.sentence}>
            {one.sentence}
          </span>
        </li>
      ))}
      {more > 0 ? <li className="t3">{say.more(more)}</li> : null}
    </ul>
  );
}

interface Props {
  session: SessionView;
  selected: boolean;
  onSelect: (id: string) => void;
  onEnded: (session: SessionView, said: string) => void;
}

/** One Session that runs: who is where, for how long, what was done and found. Nothing of its page is shown before it is watched. */
export function Tile({ session, selected, onSelect, onEnded }: Props) {
  const offline = useOfflineWhy();
  const { id, name, organization } = session;
  const select = () => onSelect(id);
  return (
    <li
      id={tileId(id)}
      className={selected ? "tile sel" : "tile"}
      aria-current={selected || undefined}
      onFocusCapture={select}
      onPointerDown={select}
      data-testid={tileId(id)}
    >
      <div className="row gap-2">
        <Tally state="countersigned" size={16} />
        <h2 className="ell" title={organization.name}>
          {organization.name}
        </h2>
        <span className="left">
          <Countdown endsAt={session.endsAt} /> <span className="s11 t3">{say.left}</span>
        </span>
      </div>
      <div className="row gap-2 s12">
        <Scope scope={session.scope} />
        <span className="ell t2" title={name}>
          {name}
        </span>
        <span className="ell t3 push" title={session.ticket}>
          {session.ticket}
        </span>
      </div>
      <SoFar findings={session.soFar ?? null} />
      <div className="foot">
        <span className="did">
          <Barcode ticks={ticksOf(session.activity)} width={250} height={20} />
          <span className="s11 t3">{say.did(thousands(session.exchanges), thousands(session.writes), thousands(session.refused))}</span>
        </span>
        <span className="row gap-2">
          <Button look="primary" size="sm" icon={<EyeIcon size={14} />} why={offline} onPress={() => watch(id)} data-testid="watch">
            {say.watch}
          </Button>
          <EndSession session={session} size="sm" keyed={selected} onDone={(said) => onEnded(session, said)} />
        </span>
      </div>
    </li>
  );
}
