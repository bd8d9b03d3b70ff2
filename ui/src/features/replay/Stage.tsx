import { MonitorIcon, ProhibitIcon } from "@phosphor-icons/react";
import { useEffect, useRef, useState } from "react";
import { useBackend } from "../../backend/context";
import { CopyDetails } from "../../parts/CopyDetails";
import { Empty } from "../../parts/Empty";
import type { ResourceView } from "../../generated/bindings";
import { words } from "../../parts/words";
import type { FromPlayer, ToPlayer } from "./protocol";
import type { Index, PageEvent } from "./timeline";
import type { ReplayClock } from "./useClock";
import { useChosen } from "./useMarks";

const say = words.replay;
const SLOW_MS = 8000;
type Phase = "waiting" | "loaded" | "failed";

/** Whether all that was told still stands at the beginning. */
function isBehind(before: PageEvent[], now: PageEvent[]): boolean {
  const last = before.length - 1;
  return (
    last >= 0 &&
    now.length >= before.length &&
    [0, last].every((at) => now[at]?.timestamp === before[at]?.timestamp && now[at]?.type === before[at]?.type)
  );
}

/** The frame of the player. It has an origin of its own and no commands; it hears where the clock is. */
export function Stage({ index, clock }: { index: Index; clock: ReplayClock }) {
  const backend = useBackend();
  const frame = useRef<HTMLIFrameElement>(null);
  const [phase, setPhase] = useState<Phase>("waiting");
  const told = useRef<{ events: PageEvent[]; resources: Set<ResourceView> }>({ events: [], resources: new Set() });
  const pressed = useRef<((digits: string[]) => void) | undefined>(undefined);
  pressed.current = useChosen()?.toggle;
  const tell = (what: ToPlayer) => frame.current?.contentWindow?.postMessage(what, "*");
  useEffect(() => {
    const hear = (message: MessageEvent) => {
      if (message.source !== frame.current?.contentWindow) return;
      const what = message.data as FromPlayer;
      if (what.say === "ready") {
        told.current = { events: index.events, resources: new Set(index.resources) };
        const load: ToPlayer = { say: "load", events: index.events, resources: index.resources };
        frame.current?.contentWindow?.postMessage(load, "*");
      }
      if (what.say === "loaded") setPhase("loaded");
      if (what.say === "failed") setPhase("failed");
      if (what.say === "marks" && Array.isArray(what.digits)) pressed.current?.(what.digits.map(String));
      if (what.say === "key") window.dispatchEvent(new KeyboardEvent("keydown", { key: what.key, shiftKey: what.shift, cancelable: true }));
    };
    window.addEventListener("message", hear);
    const slow = setTimeout(() => setPhase((old) => (old === "waiting" ? "failed" : old)), SLOW_MS);
    return () => {
      window.removeEventListener("message", hear);
      clearTimeout(slow);
    };
  }, [index]);
  useEffect(() => {
    const { current: before } = told;
    if (phase !== "loaded" || before.events === index.events) return;
    const { events, resources } = index;
    told.current = { events, resources: new Set(resources) };
    const added = () => resources.filter((one) => !before.resources.has(one));
    tell(
      isBehind(before.events, events)
        ? { say: "add", events: events.slice(before.events.length), resources: added() }
        : { say: "load", events, resources },
    );
  }, [phase, index]);
  const second = Math.floor(clock.atMs / 1000);
  useEffect(() => {
    if (phase === "loaded") tell({ say: "show", atMs: clock.atMs, playing: clock.playing, speed: clock.speed });
  }, [phase, clock.playing, clock.speed, clock.jump, clock.playing ? second : clock.atMs]);
  if (index.events.length < 2) return <Empty icon={<MonitorIcon size={20} />} title={say.noPages} note={say.noPagesNote} />;
  return (
    <>
      {phase === "failed" ? (
        <Empty icon={<ProhibitIcon size={20} />} title={say.slow} note={say.slowNote}>
          <CopyDetails fault={{ code: "player", message: say.slow, next: say.slowNote }} />
        </Empty>
      ) : null}
      <iframe
        ref={frame}
        title={say.frame}
        sandbox="allow-scripts allow-same-origin"
        src={backend.playerAddress()}
        className="stage-frame"
        hidden={phase === "failed"}
        data-testid="stage"
        data-phase={phase}
      />
    </>
  );
}
