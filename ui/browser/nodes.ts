/** Nodes as rrweb records them, and the same as a page without walls is written. */
export type Node = Record<string, unknown> & { id: number };
export type Attributes = Record<string, string>;

let ids = 1000;

export const text = (textContent: string): Node => ({ type: 3, id: ++ids, textContent });
export const element = (tagName: string, attributes: Attributes = {}, children: (Node | string)[] = [], more: object = {}): Node => ({
  type: 2,
  id: ++ids,
  tagName,
  attributes,
  childNodes: children.map((child) => (typeof child === "string" ? text(child) : child)),
  ...more,
});
export const svg = (tagName: string, attributes: Attributes = {}, children: (Node | string)[] = []) =>
  element(tagName, attributes, children, { isSVG: true });

const VOID = new Set(["img", "input", "link", "meta", "base", "source", "track", "embed", "frame", "area", "param"]);
const quoted = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** The same as markup. What rrweb builds as a text is written as it stands: that is how a page came to have it. */
export function written(node: Node): string {
  if (node.type === 3) return String(node.textContent);
  if (node.type !== 2) return "";
  const name = String(node.tagName);
  const attributes = Object.entries(node.attributes as Attributes).map(([key, value]) => ` ${key}="${quoted(value)}"`);
  const inner = (node.childNodes as Node[]).map(written).join("");
  if (VOID.has(name.toLowerCase())) return `<${name}${attributes.join("")}>`;
  return `<${name}${attributes.join("")}>${inner}</${name}>`;
}

/** A recording: the nodes in the page as it was first, the others in a change of it, then the events. */
export function recordingOf(head: Node[], first: Node[], later: Node[], events: object[]): object[] {
  const body = element("body", {}, first);
  const document = {
    type: 0,
    id: ++ids,
    childNodes: [{ type: 1, id: ++ids, name: "html", publicId: "", systemId: "" }, element("html", {}, [element("head", {}, head), body])],
  };
  const adds = later.map((node) => ({ parentId: body.id, nextId: null, node }));
  return [
    { type: 4, timestamp: 1000, data: { href: "http://localhost/page", width: 900, height: 500 } },
    { type: 2, timestamp: 1001, data: { node: document, initialOffset: { top: 0, left: 0 } } },
    { type: 3, timestamp: 1200, data: { source: 0, texts: [], attributes: [], removes: [], adds } },
    ...events,
    { type: 3, timestamp: 3000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
}
