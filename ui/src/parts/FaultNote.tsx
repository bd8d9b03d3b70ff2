import { WarningOctagonIcon } from "@phosphor-icons/react";
import { useState } from "react";
import type { UiError } from "../generated/bindings";
import { Button } from "./Button";
import { utc } from "./format";
import "./notes.css";
import { routeOf } from "./route";
import { words } from "./words";

interface Props {
  fault: UiError | null;
  again?: () => void;
}

/** What failed, what to do next, and the details to send to somebody. */
export function FaultNote({ fault, again }: Props) {
  const [copied, setCopied] = useState(false);
  const [at] = useState(() => Date.now() / 1000);
  if (!fault) return null;
  const copy = async () => {
    const details = words.fault.details(fault.code, fault.message, fault.next, utc(at), routeOf(window.location.hash).page);
    await navigator.clipboard?.writeText(details).then(() => setCopied(true));
  };
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
          <Button size="sm" look="quiet" onPress={() => void copy()}>
            {copied ? words.fault.copied : words.fault.copy}
          </Button>
        </div>
      </div>
    </div>
  );
}
