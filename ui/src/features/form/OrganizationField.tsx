import { CaretUpDownIcon } from "@phosphor-icons/react";
import { Button, ComboBox, Input, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useBackend, useLoaded } from "../../backend/context";
import type { OrganizationView } from "../../generated/bindings";
import { FaultNote } from "../../parts/FaultNote";
import { initials } from "../../parts/format";
import { words } from "../../parts/words";

interface Props {
  value: string;
  onChange: (organization: OrganizationView | null) => void;
  wrong: boolean;
  list: OrganizationView[];
}

/** Chooses one Organization by typing a part of its name. */
export function OrganizationField({ value, onChange, wrong, list }: Props) {
  return (
    <ComboBox
      aria-label={words.form.organization}
      selectedKey={value || null}
      onSelectionChange={(key) => onChange(list.find((one) => one.id === key) ?? null)}
      defaultItems={list}
      isInvalid={wrong}
      menuTrigger="focus"
    >
      <div className="combo">
        <Input className="fld" placeholder={words.form.organizationHint} data-testid="organization" />
        <Button className="combo-open" aria-label={words.form.organizationHint}>
          <CaretUpDownIcon size={14} />
        </Button>
      </div>
      <Popover className="menu">
        <ListBox<OrganizationView>>
          {(one) => (
            <ListBoxItem id={one.id} textValue={one.name} className="opt" data-testid={`organization-${one.id}`}>
              <span className="av s" aria-hidden="true">
                {initials(one.name)}
              </span>
              {one.name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

/** The Organizations there are, or why they could not be had. */
export function useOrganizations() {
  const backend = useBackend();
  const loaded = useLoaded(() => backend.organizations(), "organizations");
  return { list: loaded.value, note: <FaultNote fault={loaded.fault} again={loaded.reload} /> };
}
