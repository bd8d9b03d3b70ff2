import { XIcon } from "@phosphor-icons/react";
import type { KeyboardEvent } from "react";
import type { OrganizationView } from "../../generated/bindings";
import { words } from "../../parts/words";
import { saidOf, type Token } from "./tokens";

const say = words.sessions;

interface Props {
  token: Token;
  organizations: OrganizationView[];
  onEdit: () => void;
  onRemove: () => void;
}

/** One part of the filter. Pressing it writes it again; Backspace or its cross takes it away. */
export function Chip({ token, organizations, onEdit, onRemove }: Props) {
  const [key, how, value] = saidOf(token, organizations);
  const whole = `${key} ${how} ${value}`;
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Backspace" && event.key !== "Delete") return;
    event.preventDefault();
    onRemove();
  };
  return (
    <span className="chip" onKeyDown={press}>
      <button type="button" aria-label={say.edit(whole)} title={whole} onClick={onEdit} data-testid={`token-${token.key}`}>
        <span className="t3">{key}</span>
        <span className="t3">{how}</span>
        <b className="ell">{value}</b>
      </button>
      <button type="button" aria-label={say.remove(whole)} onClick={onRemove} data-testid={`drop-${token.key}`}>
        <XIcon size={12} />
      </button>
    </span>
  );
}
