import { WarningIcon } from "@phosphor-icons/react";
import type { AllowsMoreView } from "../../generated/bindings";
import { words } from "../../parts/words";
import { isKnown, sentence } from "./more";

const say = words.policy.more;

/** Whether a proposed policy allows more than the one in force, and what. */
export function AllowsMore({ all }: { all: AllowsMoreView[] }) {
  if (all.length === 0)
    return (
      <p className="s12 t2" data-testid="allows-nothing-more">
        {say.nothing}
      </p>
    );
  const known = all.filter(isKnown);
  const maybe = all.filter((one) => !isKnown(one));
  return (
    <div className="policy-more" data-testid="allows-more">
      <WarningIcon size={18} className="amber" />
      <div className="grow" role="group" aria-label={say.list} tabIndex={0}>
        <b className="amber">{known.length ? say.would : say.may}</b>
        <Sentences all={known} />
        {known.length && maybe.length ? <p>{say.mayToo}</p> : null}
        <Sentences all={maybe} />
      </div>
    </div>
  );
}

function Sentences({ all }: { all: AllowsMoreView[] }) {
  if (all.length === 0) return null;
  return (
    <ul>
      {all.map((one, at) => (
        <li key={at}>{sentence(one)}</li>
      ))}
    </ul>
  );
}
