import type { AdoptedPolicyView } from "../../generated/bindings";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.policy;

/** From the policy in force back to the one that everybody pins. */
export function Chain({ adopted }: { adopted: AdoptedPolicyView[] }) {
  return (
    <ol className="policy-chain">
      {adopted.toReversed().map((one, at) => (
        <li key={one.digest} data-testid={`policy-${one.version}`}>
          <details open={at === 0}>
            <summary>
              <b>{say.version(one.version)}</b> {one.name}
              {at === 0 ? <span className="s12 seal medium push">{say.now}</span> : null}
            </summary>
            <p className="s12 t2">
              {one.at === null ? say.pinned : <Time at={one.at} as="ago" say={(time) => say.adoptedBy(one.by.join(say.and), time)} />}
            </p>
            {one.comments.map((comment, n) => (
              <p key={n} className="s12">
                {one.by[n]}: “{comment}”
              </p>
            ))}
            <p className="mono s11 t3 policy-digest">{one.digest}</p>
            <pre className="policy-text mono s11" tabIndex={0} aria-label={say.version(one.version)}>
              {one.text}
            </pre>
          </details>
        </li>
      ))}
    </ol>
  );
}
