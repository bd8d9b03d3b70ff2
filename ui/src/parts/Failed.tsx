import { EyeSlashIcon } from "@phosphor-icons/react";
import type { UiError } from "../generated/bindings";
import { Empty } from "./Empty";
import { FaultNote } from "./FaultNote";

/** What the service says to whoever has not the role for it. */
const forbidden = (fault: UiError) => fault.code === "missing-role";

/** In the place of what did not come: that somebody else may see it, or what failed and how to try again. */
export function Failed({ fault, again }: { fault: UiError; again: () => void }) {
  if (forbidden(fault)) return <Empty icon={<EyeSlashIcon size={20} />} title={fault.message} note={fault.next} />;
  return <FaultNote fault={fault} again={again} />;
}
