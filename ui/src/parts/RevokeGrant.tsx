import { ProhibitIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useBackend } from "../backend/context";
import { useAppState } from "../backend/state";
import type { Role } from "../backend/wire";
import { Button } from "./Button";
import { words } from "./words";
import { RevokeQuestion } from "./RevokeQuestion";

const say = words.revoke;
const may: string[] = ["approver", "reviewer", "administrator"] satisfies Role[];

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
  if (!person?.roles.some((role) => may.includes(role))) return null;
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
