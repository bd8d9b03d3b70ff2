import { useBackend, useLoaded } from "../backend/context";
import { useAppState } from "../backend/state";
import { Chain } from "../features/policies/Chain";
import "../features/policies/policies.css";
import { Proposal } from "../features/policies/Proposal";
import { Skeleton } from "../parts/Empty";
import { Failed } from "../parts/Failed";
import { Offline } from "../parts/Offline";
import { Stale } from "../parts/Stale";
import { holds } from "../parts/holds";
import { words } from "../parts/words";

const say = words.policy;

/** What is allowed here, who decided that, and what waits for a second administrator. */
export function Policy() {
  const backend = useBackend();
  const { person } = useAppState();
  const policies = useLoaded(() => backend.policies(), "policies", ["policies"]);
  const administers = holds(person, "administrator");
  const inForce = policies.value?.adopted.at(-1);
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
      </header>
      <Offline />
      {policies.value ? <Stale of={policies} /> : policies.fault ? <Failed fault={policies.fault} again={policies.reload} /> : null}
      {policies.value && inForce ? (
        <div className="policies grow scroll">
          <p className="t2">{say.lead}</p>
          {policies.value.proposed.map((one) => (
            <Proposal key={one.digest} one={one} inForce={inForce} onDone={policies.reload} />
          ))}
          {administers ? <p className="s12 t2">{say.how}</p> : null}
          <Chain adopted={policies.value.adopted} />
        </div>
      ) : policies.fault ? null : (
        <div className="policies">
          <Skeleton rows={6} label={say.loading} />
        </div>
      )}
    </>
  );
}
