import { EraserIcon } from "@phosphor-icons/react";
import { Empty } from "../../parts/Empty";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.replay;

/** A Recording that the log says was destroyed by retention. */
export function Destroyed({ at }: { at: number }) {
  return (
    <Empty icon={<EraserIcon size={20} />} title={say.destroyed}>
      <Time className="t2 s12" at={at} as="day" say={say.destroyedNote} />
    </Empty>
  );
}
