import { expect, test } from "vitest";
import { playable } from "./player";
import { Resources } from "./resources";

const PICTURE = "data:image/png;base64,AA==";
const FONT = "data:font/woff2;base64,BB==";
const resources = () =>
  new Resources([
    { address: "https://p.test/a.png", data: PICTURE },
    { address: "https://p.test/f.woff2", data: FONT },
    { address: "https://p.test/page", data: "data:text/html;base64,AA==" },
    { address: "https://p.test/odd", data: 'data:image/png;base64,AA==");@import url(//away.test' },
  ]);
const built = (tagName: string, attributes: Record<string, unknown>, childNodes: unknown[] = []) => ({
  type: 2,
  id: 1,
  tagName,
  attributes,
  childNodes,
});
const meta = { type: 4, timestamp: 0, data: { href: "https://p.test/o/x/" } };

function after(...nodes: unknown[]) {
  const events = playable([meta, { type: 2, timestamp: 1, data: { node: built("body", {}, nodes) } }], resources());
  return (events[1]?.data?.node as { childNodes: { tagName: string; attributes: Record<string, unknown>; childNodes: unknown[] }[] })
    .childNodes;
}

test("a picture of the record stands where its address stood, and any other address names nothing", () => {
  const [known, relative, unknown, set, frame, page, odd] = after(
    built("img", { src: "https://p.test/a.png#x" }),
    built("img", { src: "/a.png" }),
    built("img", { src: "https://away.test/a.png" }),
    built("img", { srcset: "https://p.test/a.png 1x, https://away.test/b.png 2x" }),
    built("iframe", { src: "https://p.test/a.png" }),
    built("img", { src: "https://p.test/page" }),
    built("img", { src: "https://p.test/odd" }),
  );
  expect([known?.attributes.src, relative?.attributes.src]).toEqual([PICTURE, PICTURE]);
  expect([unknown?.attributes.src, frame?.attributes.src, page?.attributes.src, odd?.attributes.src]).toEqual(
    Array(4).fill("about:invalid"),
  );
  expect(set?.attributes.srcset).toBe(`${PICTURE} 1x`);
  expect(after(built("img", { srcset: "https://away.test/b.png 2x" }))[0]?.attributes.srcset).toBeNull();
});

test("fonts and pictures of the record stand in sheets: recorded ones, inline ones, and those that scripts made", () => {
  const rule = (text: string) => ({ type: 3, timestamp: 2, data: { source: 8, adds: [{ rule: text }] } });
  const [style, inline] = after(
    built("style", { _cssText: '@font-face { src: url(https://p.test/f.woff2) } p { background: url("//away.test/x") }' }),
    built("p", { style: "background: url('/a.png')" }),
  );
  expect(style?.attributes._cssText).toBe(`@font-face { src: url("${FONT}") } p { background: url("//away.test/x") }`);
  expect(inline?.attributes.style).toBe(`background: url("${PICTURE}")`);
  const [, made] = playable([meta, rule("p { background: url(/a.png) }")], resources());
  expect(made?.data?.adds).toEqual([{ rule: `p { background: url("${PICTURE}") }` }]);
});

test("a canvas is a picture: of nothing first, then of what was seen in it, and of nothing else", () => {
  const [canvas] = after(built("canvas", { width: "30", height: "20" }));
  expect(canvas?.tagName).toBe("img");
  expect(decodeURIComponent(String(canvas?.attributes.src))).toContain('width="30" height="20"');
  const seen = (value: unknown) => ({
    type: 3,
    timestamp: 2,
    data: { source: 0, adds: [], attributes: [{ id: 1, attributes: { rr_canvas: value } }] },
  });
  const events = playable([seen(PICTURE), seen("https://away.test/a.png")]);
  expect(events.map((event) => (event.data?.attributes as { attributes: object }[])[0]?.attributes)).toEqual([{ src: PICTURE }, {}]);
});
