import { WarningOctagonIcon } from "@phosphor-icons/react";
import type { UiError } from "../generated/bindings";
import { Button } from "./Button";
import { CopyDetails } from "./CopyDetails";
import "./notes.css";
import { words } from "./words";

interface Props {
  fault: UiError | null;
  again?: () => void;
}

/** What failed, what to do next, and the details to send to somebody. */
export function FaultNote({ fault, again }: Props) {
  if (!fault) return null;
  return (
    <div className="fault" role="alert" data-testid="fault" data-code={fault.code}>
      <WarningOctagonIcon size={16} className="red" />
      <div className="said">
        <div className="grow">
          <div className="medium">{fault.message}</div>
          <div className="t2 s12">{fault.next}</div>
        </div>
        <div className="row gap-2">
          {again ? (
            <Button size="sm" onPress={again}>
              {words.fault.again}
            </Button>
          ) : null}
          <CopyDetails key={`${fault.code} ${fault.message}`} fault={fault} />
        </div>
      </div>
    </div>
  );
}
