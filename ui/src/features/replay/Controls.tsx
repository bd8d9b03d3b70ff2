import { ArrowCounterClockwiseIcon, PauseIcon, PlayIcon } from "@phosphor-icons/react";
import { Switch, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { Button } from "../../parts/Button";
import { countdown, duration } from "../../parts/format";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { type Index, idleTotal } from "./timeline";
import type { ReplayClock } from "./useClock";

const say = words.replay;
export const speeds = [1, 2, 4, 8];

/** Play, back, time, skip idle, speed. */
export function Controls({ index, clock }: { index: Index; clock: ReplayClock }) {
  const at = clock.atMs / 1000;
  return (
    <div className="ctl">
      <Button
        look="primary"
        label={clock.playing ? say.pause : say.play}
        shortcut="Space"
        icon={clock.playing ? <PauseIcon size={16} weight="fill" /> : <PlayIcon size={16} weight="fill" />}
        onPress={clock.toggle}
        data-testid="play"
      />
      <Button
        look="quiet"
        label={say.backFive}
        shortcut="←"
        icon={<ArrowCounterClockwiseIcon size={16} />}
        onPress={() => clock.seek(clock.atMs - 5000)}
      />
      <span className="num" data-testid="replay-time">
        <b className="time">{countdown((clock.atMs - index.startMs) / 1000)}</b>{" "}
        <span className="t3">{`${say.of} ${countdown((index.endMs - index.startMs) / 1000)}`}</span>
      </span>
      <Time className="t3 s12 num" at={at} as="seconds" />
      <Switch className="switch s12 push" isSelected={clock.skip} onChange={clock.setSkip} data-testid="skip-idle">
        <span className="knob" aria-hidden="true" />
        {say.skip(duration(idleTotal(index) / 1000), index.idle.length)}
      </Switch>
      <ToggleButtonGroup
        aria-label={say.speed}
        className="speeds"
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[String(clock.speed)]}
        onSelectionChange={(keys) => clock.setSpeed(Number([...keys][0] ?? 1))}
      >
        {speeds.map((speed) => (
          <ToggleButton key={speed} id={String(speed)} className="btn sm">
            {speed}×
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </div>
  );
}
