import { ListIcon } from "@phosphor-icons/react";
import { Button as AriaButton, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from "react-aria-components";
import { words } from "../../parts/words";
import type { Command } from "./commands";

const groups = ["do", "go", "show", "help"] as const;

interface Props {
  commands: Command[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Every command with its keys; F10 or Alt opens it. Help is the last. */
export function AppMenu({ commands, open, onOpenChange }: Props) {
  return (
    <MenuTrigger isOpen={open} onOpenChange={onOpenChange}>
      <AriaButton className="btn q ic sm" aria-label={words.menu.label} data-testid="menu">
        <ListIcon size={16} />
      </AriaButton>
      <Popover className="menu" placement="bottom start">
        <Menu className="app-menu" aria-label={words.menu.label} onAction={(key) => commands.find((one) => one.id === key)?.run()}>
          {groups.map((group) => (
            <MenuSection key={group} aria-label={words.menu.groups[group]} className="section">
              {commands
                .filter((one) => one.group === group)
                .map((one) => (
                  <MenuItem key={one.id} id={one.id} textValue={one.name} className="opt" data-testid={`menu-${one.id}`}>
                    <span className="grow">{one.name}</span>
                    {one.keys ? <kbd aria-hidden="true">{one.keys}</kbd> : null}
                  </MenuItem>
                ))}
            </MenuSection>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
