import { useMemo } from "react";
import type { ExchangeView } from "../../generated/bindings";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";
import { difference, type Field } from "./difference";
import { Marked } from "./Marked";

const say = words.replay;
const SHOWN = 100;

function Value({ text, none }: { text: string | null; none: string }) {
  return text === null ? <span className="t3">{none}</span> : <Marked text={text} />;
}

function Row({ field }: { field: Field }) {
  return (
    <tr>
      <th scope="row" className="mono">
        {field.name}
      </th>
      <td className="mono t2">
        <Value text={field.before} none={say.notThere} />
      </td>
      <td className="mono">
        <Value text={field.sent} none={say.leftOut} />
      </td>
    </tr>
  );
}

/** What a change asks for, field by field, beside what was shown before it. */
export function Difference({ exchange, exchanges }: { exchange: ExchangeView; exchanges: ExchangeView[] }) {
  const found = useMemo(() => difference(exchange, exchanges), [exchange, exchanges]);
  if (found === null) return null;
  if (found === "not-shown") return <div className="s12 t3">{say.notShownBefore}</div>;
  const { fields, notCompared, shownAtMs } = found;
  return (
    <div className="difference" data-testid="difference">
      {fields.length === 0 ? (
        <div className="s12">{say.nothingDiffers}</div>
      ) : (
        <table>
          <caption className="s11 t3">{say.whatDiffers}</caption>
          <thead className="s11 t3">
            <tr>
              <th scope="col">{say.field}</th>
              <th scope="col">
                {say.shown} <Time at={shownAtMs / 1000} as="seconds" />
              </th>
              <th scope="col">{say.sent}</th>
            </tr>
          </thead>
          <tbody>
            {fields.slice(0, SHOWN).map((field) => (
              <Row key={field.name} field={field} />
            ))}
          </tbody>
        </table>
      )}
      {fields.length > SHOWN ? <div className="s12">{say.moreFields(fields.length - SHOWN)}</div> : null}
      {notCompared > 0 ? <div className="s12 t3">{say.notCompared(notCompared)}</div> : null}
    </div>
  );
}
