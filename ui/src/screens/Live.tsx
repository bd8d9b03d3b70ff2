import { BroadcastIcon, EyeSlashIcon, PauseIcon, PlayIcon, RowsIcon, SquaresFourIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAppState } from "../backend/state";
import { Tile, tileId, watch } from "../features/live/Tile";
import { useRunning } from "../features/live/useRunning";
import type { SessionView } from "../generated/bindings";
import { Button } from "../parts/Button";
import { Empty, Skeleton } from "../parts/Empty";
import { EndAll } from "../parts/EndSessions";
import { FaultNote } from "../parts/FaultNote";
import { holds } from "../parts/holds";
import { useKeys } from "../parts/keys";
import { Offline, useOfflineWhy } from "../parts/Offline";
import { usePreferences } from "../parts/preferences";
import { Stale } from "../parts/Stale";
import { Time } from "../parts/Time";
import { words } from "../parts/words";

const say = words.live;
/** More do not fit a screen as tiles. */
const TILES = 6;

/** Arrows go from one to the next, and W watches the one that is selected; X ends it. */
function useTileKeys(sessions: SessionView[], selected: string | null, select: (id: string) => void) {
  const offline = useOfflineWhy();
  const at = sessions.findIndex((one) => one.id === selected);
  const goTo = (place: number) => () => {
    const next = sessions[Math.min(Math.max(place, 0), sessions.length - 1)];
    if (!next) return;
    select(next.id);
    document.getElementById(tileId(next.id))?.querySelector<HTMLElement>("button:not([disabled])")?.focus();
  };
  const [on, back] = [goTo(at + 1), goTo(at - 1)];
  const rtl = document.documentElement.dir === "rtl";
  useKeys({
    ArrowRight: rtl ? back : on,
    ArrowDown: on,
    j: on,
    ArrowLeft: rtl ? on : back,
    ArrowUp: back,
    k: back,
    Home: goTo(0),
    End: goTo(sessions.length - 1),
    w: () => selected !== null && !offline && watch(selected),
  });
}

function Keys() {
  const { singleKeys } = usePreferences();
  if (!singleKeys) return null;
  return (
    <p className="live-keys s12 t3">
      <span>
        <kbd>W</kbd> {say.keyWatch}
      </span>
      <span>
        <kbd>X</kbd> {say.keyEnd}
      </span>
    </p>
  );
}

function Running() {
  const [paused, setPaused] = useState(false);
  const [shape, setShape] = useState<"tiles" | "rows" | null>(null);
  const [picked, pick] = useState<string | null>(null);
  const [told, tell] = useState("");
  const running = useRunning(paused);
  const sessions = running.value ?? [];
  const selected = (sessions.find((one) => one.id === picked) ?? sessions[0])?.id ?? null;
  const rows = (shape ?? (sessions.length > TILES ? "rows" : "tiles")) === "rows";
  useTileKeys(sessions, selected, pick);
  const ended = (one: SessionView, said: string) => {
    tell(say.told(one.name, one.organization.name, said));
    running.reload();
  };
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
        {sessions.length > 0 ? <span className="rec red">{say.recording(sessions.length)}</span> : null}
        <span className="t3 live-seen">
          {say.seen} {paused && running.value ? <Time at={running.atMs / 1000} as="seconds" say={say.pausedAt} /> : null}
        </span>
        <span className="push" />
        <Button
          size="sm"
          icon={paused ? <PlayIcon size={14} /> : <PauseIcon size={14} />}
          onPress={() => setPaused(!paused)}
          data-testid="pause-live"
        >
          {paused ? say.goOn : say.pause}
        </Button>
        <Button
          size="sm"
          icon={rows ? <SquaresFourIcon size={14} /> : <RowsIcon size={14} />}
          onPress={() => setShape(rows ? "tiles" : "rows")}
          data-testid="live-shape"
        >
          {rows ? say.tiles : say.list}
        </Button>
        <EndAll organization={null} person={null} />
      </header>
      <Offline />
      <div role="status" data-testid="live-told">
        {told ? <p className="live-told s12">{told}</p> : null}
      </div>
      {running.value ? (
        <Stale of={running} />
      ) : running.fault ? (
        <FaultNote fault={{ ...running.fault, message: `${say.failed} ${running.fault.message}` }} again={running.reload} />
      ) : (
        <div className="sec">
          <Skeleton rows={8} label={words.loading} />
        </div>
      )}
      {running.value && sessions.length === 0 ? (
        <div className="grow">
          <Empty icon={<BroadcastIcon size={20} />} title={say.none} note={say.noneNote} />
        </div>
      ) : null}
      {sessions.length > 0 ? (
        <>
          <ul className={rows ? "live rows" : "live"} data-pane="list">
            {sessions.map((one) => (
              <Tile key={one.id} session={one} selected={one.id === selected} onSelect={pick} onEnded={ended} />
            ))}
          </ul>
          <Keys />
        </>
      ) : null}
    </>
  );
}

/** Who is inside which Organization now, what they did and what rules point at; from here one watches, and ends. */
export function Live() {
  const { person } = useAppState();
  if (holds(person, "reviewer")) return <Running />;
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
      </header>
      <Empty icon={<EyeSlashIcon size={20} />} title={say.mayNot} note={say.mayNotNote} />
    </>
  );
}
