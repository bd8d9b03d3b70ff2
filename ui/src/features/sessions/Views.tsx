import { PencilSimpleIcon, PlusIcon, TrashIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { type OwnView, prefer, usePreferences, VIEWS } from "../../parts/preferences";
import { words } from "../../parts/words";
import { nothingWanted, queryOf, type View, views, type Wanted, wantedOf } from "./filter";

const say = words.sessions;

interface NamingProps {
  name: string;
  onDone: (name: string | null) => void;
}

/** Asks for a view's name, in the place of what asked for it. */
function Naming({ name, onDone }: NamingProps) {
  const [typed, setTyped] = useState(name);
  const good = typed.trim().length > 0;
  return (
    <form
      className="row gap-2 naming"
      onSubmit={(event) => {
        event.preventDefault();
        if (good) onDone(typed.trim());
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onDone(null);
      }}
    >
      <input
        className="fld"
        aria-label={say.viewName}
        placeholder={say.viewName}
        value={typed}
        maxLength={40}
        autoFocus
        onChange={(event) => setTyped(event.target.value)}
        data-testid="view-name"
      />
      <Button size="sm" type="submit" isDisabled={!good} data-testid="view-name-done">
        {say.save}
      </Button>
      <Button size="sm" look="quiet" onPress={() => onDone(null)}>
        {words.replay.cancel}
      </Button>
    </form>
  );
}

interface Props {
  wanted: Wanted;
  /** How many each view shows; nothing without a list. */
  countOf: (view: View) => string;
  go: (wanted: Wanted) => void;
}

type Asking = { what: "save" | "rename" } | { what: "deleted"; view: OwnView; at: number } | null;

/** The views there are, and one's own, which this computer keeps. */
export function Views({ wanted, countOf, go }: Props) {
  const { views: own } = usePreferences();
  const [asking, ask] = useState<Asking>(null);
  const query = queryOf(wanted);
  const here = own.find((one) => one.query === query) ?? null;
  const keep = (next: OwnView[]) => prefer({ views: next });
  const save = (name: string | null) => {
    ask(null);
    if (name !== null) keep([...own, { name, query }]);
  };
  const rename = (name: string | null) => {
    ask(null);
    if (name !== null) keep(own.map((one) => (one === here ? { ...one, name } : one)));
  };
  const remove = (view: OwnView) => {
    ask({ what: "deleted", view, at: own.indexOf(view) });
    keep(own.filter((one) => one !== view));
  };
  const kept = here !== null || query === queryOf({ ...nothingWanted, view: wanted.view });
  return (
    <div className="views">
      <div role="tablist" aria-label={say.viewsLabel} className="scroll">
        {views.map((view) => (
          <button
            key={view}
            type="button"
            role="tab"
            aria-selected={!here && wanted.view === view}
            onClick={() => go({ ...wanted, view })}
            data-testid={`view-${view}`}
          >
            {say.views[view]}
            <span className="t3">{countOf(view)}</span>
          </button>
        ))}
        {own.map((one, at) => (
          <button
            key={one.query}
            type="button"
            role="tab"
            aria-selected={one === here}
            title={say.ownView(one.name)}
            onClick={() => go(wantedOf(new URLSearchParams(one.query)))}
            data-testid={`own-view-${at}`}
          >
            <span className="ell">{one.name}</span>
          </button>
        ))}
      </div>
      {asking?.what === "save" ? <Naming name="" onDone={save} /> : null}
      {asking?.what === "rename" && here ? <Naming name={here.name} onDone={rename} /> : null}
      {asking?.what === "deleted" ? (
        <span className="row gap-2 s12" role="status">
          {say.viewDeleted(asking.view.name)}
          <Button
            size="sm"
            look="quiet"
            onPress={() => {
              keep([...own.slice(0, asking.at), asking.view, ...own.slice(asking.at)]);
              ask(null);
            }}
            data-testid="undo-delete-view"
          >
            {say.undo}
          </Button>
        </span>
      ) : null}
      {here && asking?.what !== "rename" ? (
        <span className="row">
          <Button
            size="sm"
            look="quiet"
            label={say.renameView}
            icon={<PencilSimpleIcon size={14} />}
            onPress={() => ask({ what: "rename" })}
            data-testid="rename-view"
          />
          <Button
            size="sm"
            look="quiet"
            label={say.deleteView}
            icon={<TrashIcon size={14} />}
            onPress={() => remove(here)}
            data-testid="delete-view"
          />
        </span>
      ) : null}
      {kept || asking?.what === "save" ? null : (
        <Button
          size="sm"
          look="quiet"
          icon={<PlusIcon size={14} />}
          why={own.length >= VIEWS ? say.tooMany : undefined}
          onPress={() => ask({ what: "save" })}
          data-testid="save-view"
        >
          {say.saveView}
        </Button>
      )}
    </div>
  );
}
