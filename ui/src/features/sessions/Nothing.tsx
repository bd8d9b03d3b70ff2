import { RowsIcon, XIcon } from "@phosphor-icons/react";
import type { OrganizationView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { thousands } from "../../parts/format";
import { words } from "../../parts/words";
import { nothingWanted, type Wanted } from "./filter";
import { saidOf, writtenOf } from "./tokens";

const say = words.sessions;

interface Part {
  key: string;
  name: string;
  without: Partial<Wanted>;
}

function partsOf({ view, text, tokens }: Wanted, organizations: OrganizationView[]): Part[] {
  return [
    ...(view === nothingWanted.view ? [] : [{ key: "view", name: say.views[view], without: { view: nothingWanted.view } }]),
    ...(text.trim() ? [{ key: "text", name: `“${text}”`, without: { text: "" } }] : []),
    ...tokens.map((token) => {
      const [key, how, value] = saidOf(token, organizations);
      const plain = token.op === "is" && (token.key === "organization" || token.key === "scope");
      const name = plain ? value : `${key} ${how} ${value}`;
      return {
        key: token.key,
        name,
        without: { tokens: tokens.filter((one) => writtenOf(one) !== writtenOf(token) || one.key !== token.key) },
      };
    }),
  ];
}

interface Props {
  wanted: Wanted;
  set: (change: Partial<Wanted>) => void;
  organizations: OrganizationView[];
  /** As many as were looked through, when that is not all there are. */
  among: number | null;
  onFurther: (() => void) | null;
}

/** Nothing fits: each part of the filter can be taken away. Without a filter there is nothing yet. */
export function Nothing({ wanted, set, organizations, among, onFurther }: Props) {
  const asked = partsOf(wanted, organizations);
  const note = asked.length === 0 ? say.noneNote : among === null ? undefined : say.lookedThrough(thousands(among));
  return (
    <div className="grow" data-pane="list">
      <Empty icon={<RowsIcon size={20} />} title={asked.length > 0 ? say.noMatch : say.none} note={note}>
        <div className="removals">
          {among !== null && onFurther ? (
            <Button size="sm" look="primary" onPress={onFurther} data-testid="more-sessions">
              {say.lookFurther}
            </Button>
          ) : null}
          {asked.map(({ key, name, without }) => (
            <Button key={key + name} size="sm" icon={<XIcon size={14} />} onPress={() => set(without)} data-testid={`remove-${key}`}>
              {say.remove(name)}
            </Button>
          ))}
        </div>
      </Empty>
    </div>
  );
}
