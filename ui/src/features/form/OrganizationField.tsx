import { CaretUpDownIcon } from "@phosphor-icons/react";
import { type KeyboardEvent, useRef } from "react";
import { Button, ComboBox, Input, ListBox, ListBoxItem, Popover, useFilter } from "react-aria-components";
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

/** Chooses one Organization by typing a part of its name. Enter takes the first that fits. */
export function OrganizationField({ value, onChange, wrong, list }: Props) {
  const { contains } = useFilter({ sensitivity: "base" });
  const input = useRef<HTMLInputElement>(null);
  const chosen = list.find((one) => one.id === value);
  const takeFirst = (event: KeyboardEvent) => {
    const field = input.current;
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !field?.value || field.getAttribute("aria-activedescendant")) return;
    const first = list.find((one) => contains(one.name, field.value));
    if (!first || first.id === value) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(first);
    field.blur();
    field.focus();
  };
  return (
    <ComboBox
      aria-label={words.form.organization}
      selectedKey={value || null}
      onSelectionChange={(key) => onChange(list.find((one) => one.id === key) ?? null)}
      defaultItems={list}
      isInvalid={wrong}
    >
      <div className={chosen ? "combo led" : "combo"} onKeyDownCapture={takeFirst}>
        {chosen ? (
          <span className="av s" aria-hidden="true">
            {initials(chosen.name)}
          </span>
        ) : null}
        <Input ref={input} className="fld" placeholder={words.form.organizationHint} data-testid="organization" />
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
