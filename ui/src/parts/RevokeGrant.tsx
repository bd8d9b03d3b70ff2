import { ProhibitIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useBackend } from "../backend/context";
import { useAppState } from "../backend/state";
import { Button } from "./Button";
import { mayEnd } from "./holds";
import { words } from "./words";
import { RevokeQuestion } from "./RevokeQuestion";

const say = words.revoke;

interface Props {
  /** The request's id. */
  request: string;
  organization: string;
  onDone: (said: string) => void;
}

/** The way to stop what is open or could be opened, for whoever may. */
export function RevokeGrant({ request, organization, onDone }: Props) {
  const backend = useBackend();
  const { person } = useAppState();
  const [asking, setAsking] = useState(false);
  if (!mayEnd(person)) return null;
  return (
    <>
      <Button look="danger" icon={<ProhibitIcon size={16} />} onPress={() => setAsking(true)} data-testid="revoke">
        {say.revoke}
      </Button>
      {asking ? (
        <RevokeQuestion
          title={say.grant(organization)}
          lead={say.grantLead}
          withCode={false}
          revoke={(reason) => backend.revokeGrant(request, reason)}
          onDone={(revoked) => {
            setAsking(false);
            onDone(revoked.gateway ? say.done : say.doneSoon);
          }}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}
