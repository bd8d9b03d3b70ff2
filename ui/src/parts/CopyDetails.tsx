import { useState } from "react";
import type { UiError } from "../generated/bindings";
import { CopyButton } from "./CopyButton";
import { utc } from "./format";
import { routeOf } from "./route";
import { words } from "./words";

/** What failed, when and on which page, to send to somebody. Nothing that was typed is in it. */
export function CopyDetails({ fault }: { fault: UiError }) {
  const [at] = useState(() => Date.now() / 1000);
  const details = () => words.fault.details(fault.code, fault.message, fault.next, utc(at), routeOf(window.location.hash).page);
  return (
    <CopyButton text={details} look="quiet" icon={false}>
      {words.fault.copy}
    </CopyButton>
  );
}
