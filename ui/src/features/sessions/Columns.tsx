import { CheckIcon, ColumnsIcon } from "@phosphor-icons/react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "../../parts/Button";
import { moreColumns, prefer, usePreferences } from "../../parts/preferences";
import { words } from "../../parts/words";

const say = words.sessions;

/** Which columns the list has besides its own; this computer keeps it. */
export function Columns() {
  const { columns } = usePreferences();
  return (
    <MenuTrigger>
      <Button size="sm" icon={<ColumnsIcon size={14} />} data-testid="columns">
        {say.columns}
      </Button>
      <Popover className="menu" placement="bottom end">
        <Menu
          aria-label={say.columnsNote}
          selectionMode="multiple"
          selectedKeys={columns}
          onSelectionChange={(keys) => prefer({ columns: moreColumns.filter((one) => keys === "all" || keys.has(one)) })}
        >
          {moreColumns.map((one) => (
            <MenuItem key={one} id={one} textValue={say.heads[one]} className="opt" data-testid={`column-${one}`}>
              {({ isSelected }) => (
                <>
                  <span className="tick">{isSelected ? <CheckIcon size={14} weight="bold" /> : null}</span>
                  {say.heads[one]}
                </>
              )}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
