import { KeyIcon } from "@phosphor-icons/react";
import { useAction, useBackend } from "../backend/context";
import type { RevokedKeyView } from "../generated/bindings";
import { Button } from "./Button";
import { FaultNote } from "./FaultNote";
import "./revokedkey.css";
import { Time } from "./Time";
import { words } from "./words";

const say = words.revokedKey;

interface Props {
  revoked: RevokedKeyView;
  /** Looks at the state again. */
  again?: () => void;
}

/** What became of this computer's key. Only what was proven here offers another one. */
export function RevokedKey({ revoked, again }: Props) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  if (revoked.notProven) {
    return (
      <div className="key-not-proven" data-testid="key-not-proven">
        <p className="t2">{say.said}</p>
        <FaultNote fault={revoked.notProven} again={again} />
      </div>
    );
  }
  return (
    <section className="revoked-key" aria-labelledby="revoked-key-title" data-testid="key-revoked">
      <h2 id="revoked-key-title">{say.title}</h2>
      <dl className="kv">
        <dt>{say.by}</dt>
        <dd>{revoked.at === null ? revoked.by : <Time at={revoked.at} say={(when) => say.at(revoked.by, when)} />}</dd>
        <dt>{say.why}</dt>
        <dd>{revoked.reason}</dd>
      </dl>
      <p>{say.over}</p>
      <h3>{say.stepsTitle}</h3>
      <ol>
        {say.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p className="s12 t2">
        {say.memory} {say.notYou}
      </p>
      <FaultNote fault={fault} />
      <Button
        look="primary"
        icon={<KeyIcon size={16} />}
        isDisabled={busy}
        onPress={() => void run(() => backend.newKey())}
        data-testid="new-key"
      >
        {say.make}
      </Button>
      <p role="status" className="s12 t2">
        {busy ? say.going : ""}
      </p>
    </section>
  );
}
