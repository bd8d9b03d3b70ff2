import type { ReactNode } from "react";
import { useAppState } from "../../backend/state";
import { RevokedKey } from "../../parts/RevokedKey";
import { words } from "../../parts/words";
import { Row } from "./Row";

const say = words.settings;

/** Which key signs here, who runs the server, and which log this computer holds it to. */
export function ThisComputer({ children }: { children: ReactNode }) {
  const { person, device, operator, logKey, revoked } = useAppState();
  const roles = person?.roles.map((one) => words.role[one] ?? one).join(", ");
  return (
    <Row id="computer" label={say.computer}>
      <dl className="kv">
        <dt>{say.signedInAs}</dt>
        <dd>
          {person?.name} <span className="mono t2">{person?.person}</span>, {roles}
        </dd>
        <dt>{say.device}</dt>
        <dd>{device ? device.name : say.noDevice}</dd>
        {device ? (
          <>
            <dt>{say.key}</dt>
            <dd>
              <span className="mono" title={device.key}>
                {device.keyShort}
              </span>
              , {say.keptIn(device.keptIn)}
            </dd>
          </>
        ) : null}
        <dt>{say.server}</dt>
        <dd>{operator}</dd>
        <dt>{words.signIn.logKey}</dt>
        <dd className="mono">{logKey}</dd>
      </dl>
      {revoked ? <RevokedKey revoked={revoked} /> : null}
      {children}
    </Row>
  );
}
