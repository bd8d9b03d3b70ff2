import { RowsIcon, XIcon } from "@phosphor-icons/react";
import type { OrganizationView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { words } from "../../parts/words";
import { nothingWanted, type Wanted } from "./filter";

const say = words.sessions;

function parts(wanted: Wanted, organizations: OrganizationView[]): [keyof Wanted, string][] {
  const named = organizations.find((one) => one.id === wanted.organization)?.name ?? wanted.organization;
  const all: [keyof Wanted, string][] = [
    ["view", say.views[wanted.view]],
    ["text", `“${wanted.text}”`],
    ["organization", named],
    ["scope", words.scope[wanted.scope] ?? ""],
    ["since", say.since[wanted.since] ?? ""],
  ];
  return all.filter(([key]) => wanted[key] !== nothingWanted[key]);
}

interface Props {
  wanted: Wanted;
  set: (change: Partial<Wanted>) => void;
  organizations: OrganizationView[];
}

/** Nothing fits: each part of the filter can be taken away. Without a filter there is nothing yet. */
export function Nothing({ wanted, set, organizations }: Props) {
  const asked = parts(wanted, organizations);
  return (
    <div className="grow" data-pane="list">
      <Empty
        icon={<RowsIcon size={20} />}
        title={asked.length > 0 ? say.noMatch : say.none}
        note={asked.length > 0 ? undefined : say.noneNote}
      >
        <div className="removals">
          {asked.map(([key, name]) => (
            <Button
              key={key}
              size="sm"
              icon={<XIcon size={14} />}
              onPress={() => set({ [key]: nothingWanted[key] })}
              data-testid={`remove-${key}`}
            >
              {say.remove(name)}
            </Button>
          ))}
        </div>
      </Empty>
    </div>
  );
}
