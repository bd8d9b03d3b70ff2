import { ArrowCounterClockwiseIcon, FlagIcon, PauseIcon, PlayIcon } from "@phosphor-icons/react";
import { Switch, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import type { FindingView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { countdown, duration } from "../../parts/format";
import { Time, ZoneSaid } from "../../parts/Time";
import { words } from "../../parts/words";
import { nextFinding } from "./Findings";
import { type Index, idleTotal } from "./timeline";
import type { ReplayClock } from "./useClock";

const say = words.replay;
export const speeds = [1, 2, 4, 8];

interface Props {
  index: Index;
  clock: ReplayClock;
  findings: FindingView[] | null;
  onFind: () => void;
}

/** Play, back, next finding, time, skip idle, speed. */
export function Controls({ index, clock, findings, onFind }: Props) {
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
        data-testid="back-five"
      />
      {findings?.some((one) => one.atMs !== null) ? (
        <Button
          shortcut="N"
          icon={<FlagIcon size={16} />}
          onPress={onFind}
          isDisabled={nextFinding(findings, clock.atMs, 1) === null}
          data-testid="next-finding"
        >
          {words.findings.next}
        </Button>
      ) : null}
      <span className="num" data-testid="replay-time">
        <b className="time">{countdown((clock.atMs - index.startMs) / 1000)}</b>{" "}
        <span className="t3">{`${say.of} ${countdown((index.endMs - index.startMs) / 1000)}`}</span>
      </span>
      <span className="t3 s12 num" data-testid="replay-moment">
        <Time at={at} as="seconds" />
        <ZoneSaid />
      </span>
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
