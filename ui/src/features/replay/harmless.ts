import type { Resources } from "./resources";
import type { PageEvent } from "./timeline";

type Attributes = Record<string, unknown>;
interface Recorded {
  type?: number;
  tagName?: unknown;
  isSVG?: boolean;
  attributes?: Attributes;
  childNodes?: unknown;
}

const FULL = 2;
const INCREMENT = 3;
const META = 4;
const MUTATION = 0;
/** Sources whose events change sheets: rules, declarations, sheets that were made by scripts. */
const SHEETS = new Set([8, 13, 15]);
const ELEMENT = 2;
/** What is built in the place of an element that reaches out by being there. A sheet that was recorded is text in a `style`. */
const instead: Record<string, string> = { link: "style", base: "rr-base", iframe: "iframe", frame: "rr-frame", portal: "rr-portal" };
for (const name of ["fencedframe", "object", "embed", "applet"]) instead[name] = `rr-${name}`;
/** An engine shows no canvas where no script may run: a picture stands there, with what the recorder saw of it, or nothing. */
instead.canvas = "img";
const NOTHING = (width: unknown, height: unknown) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="${Number(width ?? 300)}" height="${Number(height ?? 150)}"/>`)}`;
const dropped = new Set(["http-equiv", "srcdoc", "ping", "manifest", "attributionsrc", "imagesrcset", "autofocus"]);
const addresses = new Set(
  ["src", "href", "xlink:href", "srcset", "poster", "data", "action", "formaction", "background", "longdesc", "rr_dataurl"].concat([
    "code",
    "codebase",
    "archive",
    "classid",
    "profile",
    "cite",
    "dynsrc",
    "lowsrc",
    "usemap",
    "icon",
  ]),
);
const NOWHERE = "about:invalid";

/** An address stands only when what it names is within the recording, and a frame has none at all. */
function tameAttributes(attributes: Attributes, resources: Resources, frame = false) {
  for (const [name, value] of Object.entries(attributes)) {
    const low = name.toLowerCase();
    if (dropped.has(low)) delete attributes[name];
    else if (low === "rr_canvas") {
      delete attributes[name];
      if (/^data:image\//.test(String(value))) attributes.src = value;
    } else if (addresses.has(low) && value !== null && (frame || !/^(#|data:image\/)/i.test(String(value))))
      attributes[name] = low === "rr_dataurl" ? null : frame ? NOWHERE : recorded(low, String(value), resources);
    else if (low === "style" || low === "_csstext") attributes[name] = inSheets(value, resources);
  }
}

/** What the gateway's record holds under this address. */
function recorded(name: string, address: string, resources: Resources): string | null {
  if (name === "srcset") return resources.inSet(address);
  return resources.at(address) ?? NOWHERE;
}

/** The same with every text in it taken for a part of a sheet. */
function inSheets(value: unknown, resources: Resources): unknown {
  if (typeof value === "string") return resources.inSheet(value);
  if (typeof value !== "object" || value === null) return value;
  for (const [name, part] of Object.entries(value)) (value as Attributes)[name] = inSheets(part, resources);
  return value;
}

function tameTree(root: unknown, resources: Resources) {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const node = left.pop() as Recorded | null;
    if (typeof node !== "object" || node === null) continue;
    if (node.type === ELEMENT) {
      const name = String(node.tagName);
      if (name.toLowerCase() === "canvas" && node.attributes) node.attributes.src = NOTHING(node.attributes.width, node.attributes.height);
      node.tagName = node.isSVG ? name : (instead[name.toLowerCase()] ?? name.toLowerCase());
      if (node.attributes) tameAttributes(node.attributes, resources, node.tagName === "iframe");
      if (node.tagName === "style" && Array.isArray(node.childNodes)) inSheets(node.childNodes, resources);
    }
    if (Array.isArray(node.childNodes)) for (const child of node.childNodes) left.push(child);
  }
}

/**
 * Takes out of what a page reported whatever makes an engine reach out or go elsewhere. A policy is not enough: none
 * holds `preconnect` and `dns-prefetch`.
 */
export function harmless(event: PageEvent, resources: Resources): PageEvent {
  const data = event.data as { node?: unknown; source?: number; adds?: unknown; attributes?: unknown } | undefined;
  if (event.type === META) resources.under(event.data?.href);
  if (event.type === FULL) tameTree(data?.node, resources);
  if (event.type === INCREMENT && SHEETS.has(data?.source ?? -1)) inSheets(data, resources);
  if (event.type !== INCREMENT || data?.source !== MUTATION) return event;
  if (Array.isArray(data.adds)) for (const add of data.adds) tameTree((add as { node?: unknown } | null)?.node, resources);
  if (Array.isArray(data.attributes))
    for (const change of data.attributes) tameAttributes((change as { attributes?: Attributes } | null)?.attributes ?? {}, resources);
  return event;
}
