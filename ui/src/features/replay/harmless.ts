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
const MUTATION = 0;
const ELEMENT = 2;
/** What is built in the place of an element that reaches out by being there. A sheet that was recorded is text in a `style`. */
const instead: Record<string, string> = { link: "style", base: "rr-base", iframe: "iframe", frame: "rr-frame", portal: "rr-portal" };
for (const name of ["fencedframe", "object", "embed", "applet"]) instead[name] = `rr-${name}`;
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
function tameAttributes(attributes: Attributes, frame = false) {
  for (const [name, value] of Object.entries(attributes)) {
    const low = name.toLowerCase();
    if (dropped.has(low)) delete attributes[name];
    else if (addresses.has(low) && value !== null && (frame || !/^(#|data:image\/)/i.test(String(value))))
      attributes[name] = low === "rr_dataurl" ? null : NOWHERE;
  }
}

function tameTree(root: unknown) {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const node = left.pop() as Recorded | null;
    if (typeof node !== "object" || node === null) continue;
    if (node.type === ELEMENT) {
      const name = String(node.tagName);
      node.tagName = node.isSVG ? name : (instead[name.toLowerCase()] ?? name.toLowerCase());
      if (node.attributes) tameAttributes(node.attributes, node.tagName === "iframe");
    }
    if (Array.isArray(node.childNodes)) for (const child of node.childNodes) left.push(child);
  }
}

/**
 * Takes out of what a page reported whatever makes an engine reach out or go elsewhere. A policy is not enough: none
 * holds `preconnect` and `dns-prefetch`.
 */
export function harmless(event: PageEvent): PageEvent {
  const data = event.data as { node?: unknown; source?: number; adds?: unknown; attributes?: unknown } | undefined;
  if (event.type === FULL) tameTree(data?.node);
  if (event.type !== INCREMENT || data?.source !== MUTATION) return event;
  if (Array.isArray(data.adds)) for (const add of data.adds) tameTree((add as { node?: unknown } | null)?.node);
  if (Array.isArray(data.attributes))
    for (const change of data.attributes) tameAttributes((change as { attributes?: Attributes } | null)?.attributes ?? {});
  return event;
}
