import { CheckIcon, XIcon } from "@phosphor-icons/react";
import type { KeyboardEvent } from "react";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { OrganizationView } from "../../generated/bindings";
import { words } from "../../parts/words";
import { type Op, opsOf, saidOf, type Token } from "./tokens";

const say = words.sessions;

interface Props {
  token: Token;
  organizations: OrganizationView[];
  onEdit: () => void;
  onOp: (op: Op) => void;
  onRemove: () => void;
}

/** How the value is meant: a list of what the key can have, or only the word where there is one. */
function How({ token, organizations, onOp }: Pick<Props, "token" | "organizations" | "onOp">) {
  const [key, how] = saidOf(token, organizations);
  const ops = opsOf(token);
  if (ops.length < 2) return <span className="t3 op">{how}</span>;
  return (
    <MenuTrigger>
      <Button className="op" aria-label={say.how(`${key} ${how}`)} data-testid={`op-${token.key}`}>
        <span className="t3">{how}</span>
      </Button>
      <Popover className="menu" placement="bottom start">
        <Menu
          aria-label={say.how(key)}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[token.op]}
          onAction={(chosen) => {
            const op = ops.find((one) => one === chosen);
            if (op) onOp(op);
          }}
        >
          {ops.map((op) => {
            const name = saidOf({ ...token, op }, organizations)[1];
            return (
              <MenuItem key={op} id={op} textValue={name} className="opt" data-testid={`op-${token.key}-${op}`}>
                {({ isSelected }) => (
                  <>
                    <span className="tick">{isSelected ? <CheckIcon size={14} weight="bold" /> : null}</span>
                    {name}
                  </>
                )}
              </MenuItem>
            );
          })}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** One part of the filter. Its value is written again, how it is meant is chosen; Backspace or its cross takes it away. */
export function Chip({ token, organizations, onEdit, onOp, onRemove }: Props) {
  const [key, how, value] = saidOf(token, organizations);
  const whole = `${key} ${how} ${value}`;
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Backspace" && event.key !== "Delete") return;
    event.preventDefault();
    onRemove();
  };
  return (
    <span className="chip" onKeyDown={press} title={whole} data-testid={`chip-${token.key}`}>
      <span className="t3 key">{key}</span>
      <How token={token} organizations={organizations} onOp={onOp} />
      <button type="button" aria-label={say.edit(whole)} onClick={onEdit} data-testid={`token-${token.key}`}>
        <b className="ell">{value}</b>
      </button>
      <button type="button" className="drop" aria-label={say.remove(whole)} onClick={onRemove} data-testid={`drop-${token.key}`}>
        <XIcon size={12} />
      </button>
    </span>
  );
}
