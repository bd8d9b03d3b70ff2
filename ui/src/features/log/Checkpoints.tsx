import { CheckIcon } from "@phosphor-icons/react";
import type { CheckpointView } from "../../generated/bindings";
import { Empty } from "../../parts/Empty";
import { thousands } from "../../parts/format";
import { Tally } from "../../parts/Tally";
import { Time, TimeHead } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.log;
/** As many as the first page shows of all that are kept. */
const FEW = 8;

/** The Checkpoints that this computer verified, newest first. */
export function Checkpoints({ checkpoints, all = false }: { checkpoints: CheckpointView[]; all?: boolean }) {
  const shown = all ? checkpoints : checkpoints.slice(0, FEW);
  const { heads } = say;
  if (checkpoints.length === 0)
    return <Empty icon={<Tally state="waiting" size={26} label={false} />} title={say.noCheckpoints} note={say.noCheckpointsNote} />;
  return (
    <table>
      <thead>
        <tr>
          <th>
            <span className="unseen">{heads.continues}</span>
          </th>
          <th>{heads.checkpoint}</th>
          <th>
            <TimeHead head={heads.signed} />
          </th>
          <th className="r">{heads.entries}</th>
          <th>{all ? heads.allWords : heads.words}</th>
          <th>{heads.continues}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((one, at) => {
          const before = checkpoints[at + 1];
          return (
            <tr key={`${one.size} ${one.at}`} data-testid={`row-${one.size}`}>
              <td>
                <Tally state="countersigned" size={14} label={false} />
              </td>
              <td className="mono">{thousands(one.size)}</td>
              <td className="t2">
                <Time at={one.at} as="exact" />
              </td>
              <td className="r t2">{before ? `+ ${thousands(one.size - before.size)}` : ""}</td>
              <td className="medium">{one.words.slice(0, all ? 8 : 4).join(", ")}</td>
              <td className={before ? "seal" : "t3"}>
                <span className="row gap-1">
                  {before ? <CheckIcon size={14} /> : null}
                  {before ? say.contains : say.first}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
