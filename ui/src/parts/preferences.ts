import { useSyncExternalStore } from "react";

export const textSizes = [0.92, 1, 1.15, 1.3] as const;
export const densities = ["dense", "usual", "roomy"] as const;

/** In whose time a moment is written: this computer's, or UTC. */
export const zones = ["local", "utc"] as const;
export type Zone = (typeof zones)[number];

export const paneNames = ["inbox", "peek", "side"] as const;
export type PaneName = (typeof paneNames)[number];

/** Columns of the list of Sessions that are shown when they are asked for. */
export const moreColumns = ["approvers", "reason", "ticket", "requests"] as const;
export type MoreColumn = (typeof moreColumns)[number];

/** As many views of the list of Sessions as are kept. */
export const VIEWS = 10;

/** A filter of the list of Sessions under a name. */
export interface OwnView {
  name: string;
  /** As it stands in the page's link. */
  query: string;
}

/** How this person likes to see and press things on this computer. Nothing here changes what is allowed. */
export interface Preferences {
  textSize: (typeof textSizes)[number];
  density: (typeof densities)[number];
  /** Letters act without Ctrl when no field has the focus (WCAG 2.1.4: they can be turned off). */
  singleKeys: boolean;
  /** Widths of panes that were moved, in points. */
  panes: Partial<Record<PaneName, number>>;
  views: OwnView[];
  columns: MoreColumn[];
  /** In which zone Replay and Audit log show their times. */
  zone: Zone;
}

const KEY = "preferences";
const usual: Preferences = { textSize: 1, density: "usual", singleKeys: true, panes: {}, views: [], columns: [], zone: "local" };
const ears = new Set<() => void>();
let read: { text: string | null; value: Preferences } = { text: null, value: usual };

function textKept(): string | null {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function viewsOf(kept: unknown): OwnView[] {
  const fits = (one: unknown): one is OwnView => {
    const { name, query } = (one ?? {}) as Partial<OwnView>;
    return typeof name === "string" && typeof query === "string" && name.length > 0 && name.length <= 40 && query.length <= 1000;
  };
  return Array.isArray(kept)
    ? kept
        .filter(fits)
        .slice(0, VIEWS)
        .map(({ name, query }) => ({ name, query }))
    : [];
}

/** What was kept, as far as it can be one of these; whatever else stands there is not taken. */
function parsed(text: string | null): Preferences {
  try {
    const kept = JSON.parse(text ?? "{}") as Partial<Preferences>;
    return {
      textSize: textSizes.find((one) => one === kept.textSize) ?? usual.textSize,
      density: densities.find((one) => one === kept.density) ?? usual.density,
      singleKeys: kept.singleKeys !== false,
      panes: Object.fromEntries(
        paneNames.flatMap((name) => {
          const width = Number(kept.panes?.[name]);
          return width >= 200 && width <= 600 ? [[name, width]] : [];
        }),
      ),
      views: viewsOf(kept.views),
      columns: Array.isArray(kept.columns) ? moreColumns.filter((one) => kept.columns?.includes(one)) : [],
      zone: zones.find((one) => one === kept.zone) ?? usual.zone,
    };
  } catch {
    return usual;
  }
}

export function preferences(): Preferences {
  const text = textKept();
  if (text !== read.text) read = { text, value: parsed(text) };
  return read.value;
}

/** Text size and density are read by the theme from the page's own element. */
export function showPreferences() {
  const { textSize, density } = preferences();
  const { dataset } = document.documentElement;
  if (textSize === usual.textSize) delete dataset.textSize;
  else dataset.textSize = String(textSize);
  if (density === usual.density) delete dataset.density;
  else dataset.density = density;
}

function changed() {
  showPreferences();
  ears.forEach((hear) => hear());
}

/** Keeps a choice on this computer and shows it in every window. */
export function prefer(change: Partial<Preferences>) {
  try {
    window.localStorage.setItem(KEY, JSON.stringify({ ...preferences(), ...change }));
  } catch {
    // Where nothing can be kept, nothing changes.
  }
  changed();
}

function subscribe(hear: () => void) {
  ears.add(hear);
  window.addEventListener("storage", changed);
  return () => {
    ears.delete(hear);
    window.removeEventListener("storage", changed);
  };
}

export const usePreferences = () => useSyncExternalStore(subscribe, preferences);
