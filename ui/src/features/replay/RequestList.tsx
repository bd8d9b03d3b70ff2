import { useMemo } from "react";
import type { ExchangeView } from "../../generated/bindings";
import { bytes } from "../../parts/format";
import { MoreRows } from "../../parts/MoreRows";
import { useRows } from "../../parts/rows";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { Exchange } from "./Events";

interface Props {
  exchanges: ExchangeView[];
  atMs: number;
  picked: number | null;
  onPick: (exchange: ExchangeView) => void;
}

/** Every request with its answer, on the same clock as the pages. */
export function RequestList({ exchanges, atMs, picked, onPick }: Props) {
  const chosen = exchanges.find((one) => one.number === picked);
  const rows = useRows(
    exchanges,
    useMemo(() => exchanges.findLastIndex((one) => one.atMs <= atMs), [exchanges, atMs]),
  );
  return (
    <div className="requests">
      <div className="tw scroll">
        <MoreRows side="earlier" count={rows.earlier} onPress={rows.goEarlier} />
        <table>
          <tbody>
            {rows.shown.map((one) => (
              <tr
                key={one.number}
                className={one.number === picked ? "sel" : ""}
                aria-selected={one.number === picked}
                onClick={() => onPick(one)}
              >
                <td className="mono t3">
                  <Time at={one.atMs / 1000} as="seconds" />
                </td>
                <td>
                  <button
                    type="button"
                    className={one.atMs > atMs ? "link-row t3" : "link-row"}
                    onClick={() => onPick(one)}
                    data-testid={`request-${one.number}`}
                  >
                    <b className={one.write ? "amber" : ""}>{one.method}</b> <span className="mono">{one.path}</span>
                  </button>
                </td>
                <td className={one.refused ? "red" : "t2"}>{one.refused ? words.replay.refused(one.refused) : one.status}</td>
                <td className="r t2">{bytes(one.bodyBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <MoreRows side="later" count={rows.later} onPress={rows.goLater} />
      </div>
      {chosen ? <Exchange exchange={chosen} exchanges={exchanges} /> : null}
    </div>
  );
}
