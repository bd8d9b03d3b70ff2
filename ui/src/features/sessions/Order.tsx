import { CheckIcon, SortAscendingIcon } from "@phosphor-icons/react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "../../parts/Button";
import { words } from "../../parts/words";
import { type Order, orders } from "./filter";

const say = words.sessions;

interface Props {
  order: Order;
  set: (order: Order) => void;
}

/** What stands first in the list. */
export function OrderMenu({ order, set }: Props) {
  return (
    <MenuTrigger>
      <Button size="sm" icon={<SortAscendingIcon size={14} />} data-testid="order">
        {say.orders[order]}
      </Button>
      <Popover className="menu" placement="bottom end">
        <Menu
          aria-label={say.orderLabel}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[order]}
          onSelectionChange={(keys) => {
            const chosen = orders.find((one) => keys !== "all" && keys.has(one));
            if (chosen) set(chosen);
          }}
        >
          {orders.map((one) => (
            <MenuItem key={one} id={one} textValue={say.orders[one]} className="opt" data-testid={`order-${one}`}>
              {({ isSelected }) => (
                <>
                  <span className="tick">{isSelected ? <CheckIcon size={14} weight="bold" /> : null}</span>
                  {say.orders[one]}
                </>
              )}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
