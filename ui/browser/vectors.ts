import { type Attributes, element, type Node, svg, text } from "./nodes";

/** Where a vector reaches out to, and what it would run. */
export interface Out {
  at: (name: string) => string;
  run: string;
  rawAway: string;
}

/** One thing that a recorded page may hold: nodes of it, or events that change it. */
export interface Vector {
  id: "V-01" | "V-03";
  name: string;
  nodes?: (out: Out) => Node[];
  head?: (out: Out) => Node[];
  /** Changes of the element that `target` is. */
  events?: (out: Out, target: number) => object[];
  /** Why a page without walls does not show this in Chromium; the walls are tested all the same. */
  quiet?: string;
}

const many = (count: number, make: () => Node) => Array.from({ length: count }, make);
const one = (id: Vector["id"], name: string, make: (out: Out) => Node, quiet?: string): Vector => ({
  id,
  name,
  nodes: (out) => [make(out)],
  quiet,
});
const runs = (name: string, make: (out: Out) => Node, quiet?: string) => one("V-01", name, make, quiet);
const asks = (name: string, make: (out: Out) => Node, quiet?: string) => one("V-03", name, make, quiet);
const change = (data: object, timestamp = 1300) => ({ type: 3, timestamp, data });
const attributes = (id: number, of: Attributes) =>
  change({ source: 0, texts: [], removes: [], adds: [], attributes: [{ id, attributes: of }] });

const NOT_IN_CHROMIUM = "no longer in Chromium";
const MADE_OF_EVENTS = "only an event of the recording does this";
const SECOND = "it takes a page that is written out and read again";
const AS_TEXT = "markup in a text is text for a parser too";

const IN_A_PICTURE = "a picture runs nothing and asks for nothing by itself";
/** As the desktop hands over what the gateway recorded of a picture. */
const drawn = (inner: string) =>
  `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inner}</svg>`).toString("base64")}`;

const handlers: [string, string, Attributes, string?][] = [
  ["img", "onerror", { src: "x:" }],
  ["body", "onload", {}],
  ["svg", "onload", {}],
  ["details", "ontoggle", { open: "" }],
  ["input", "onfocus", { autofocus: "" }],
  ["video", "onerror", { src: "x:" }],
  ["audio", "onloadstart", { src: "data:," }],
  ["marquee", "onstart", {}, NOT_IN_CHROMIUM],
  ["style", "onload", {}],
  ["link", "onerror", { rel: "stylesheet", href: "x:" }],
  ["iframe", "onload", {}],
  ["object", "onerror", { data: "x:" }, "an address of no kind raises nothing here"],
  ["script", "onerror", { src: "x:" }],
  ["div", "onanimationstart", { style: "animation: x 1ms" }, "needs keyframes of a style sheet"],
  ["a", "onclick", { href: "#" }],
  ["button", "onclick", {}],
];

const javascript = (run: string): [string, string][] => [
  ["as it is", `javascript:${run}`],
  ["in another case", `JaVaScRiPt:${run}`],
  ["with a tab in it", `java\tscript:${run}`],
  ["with a line's end in it", `java\nscript:${run}`],
  ["behind a control letter", `\u0001javascript:${run}`],
  ["behind a space", `  javascript:${run}`],
];

/** V-01 of the threats: nothing that a page reported runs. */
const running: Vector[] = [
  runs("<script>", ({ run }) => element("script", {}, [run])),
  runs("<SCRIPT> in capitals", ({ run }) => element("SCRIPT", {}, [run])),
  runs("<script src>", ({ at }) => element("script", { src: at("script.js") })),
  runs("<script type=module>", ({ run }) => element("script", { type: "module" }, [run])),
  runs("<svg><script>", ({ run }) => svg("svg", {}, [svg("script", {}, [run])])),
  runs("<svg><script href>", ({ at }) => svg("svg", {}, [svg("script", { href: at("script.js") })])),
  ...handlers.map(([tag, on, more, quiet]) =>
    runs(
      `<${tag} ${on}>`,
      ({ run }) => (tag === "svg" ? svg(tag, { ...more, [on]: run }) : element(tag, { ...more, [on]: run }, ["x"])),
      quiet,
    ),
  ),
  ...javascript("").map(([how]) =>
    runs(`javascript: in href, ${how}`, ({ run }) => element("a", { href: new Map(javascript(run)).get(how) ?? "" }, ["x"])),
  ),
  runs("javascript: in <iframe src>", ({ run }) => element("iframe", { src: `javascript:${run}` })),
  runs("javascript: in <form action>", ({ run }) => element("form", { action: `javascript:${run}` }, [element("button", {}, ["x"])])),
  runs("javascript: in formaction", ({ run }) => element("form", {}, [element("button", { formaction: `javascript:${run}` }, ["x"])])),
  runs("javascript: in xlink:href", ({ run }) =>
    svg("svg", {}, [svg("a", { "xlink:href": `javascript:${run}` }, [svg("text", { y: "20" }, ["x"])])]),
  ),
  runs(
    "javascript: in an animated href",
    ({ run }) =>
      svg("svg", {}, [svg("a", {}, [svg("set", { attributeName: "href", to: `javascript:${run}` }), svg("text", { y: "20" }, ["x"])])]),
    "SVG may not animate to it any more",
  ),
  runs("javascript: in <area href>", ({ run }) => element("map", { name: "m" }, [element("area", { href: `javascript:${run}` })])),
  runs("javascript: in <object data>", ({ run }) => element("object", { data: `javascript:${run}` }), NOT_IN_CHROMIUM),
  runs("javascript: in <embed src>", ({ run }) => element("embed", { src: `javascript:${run}` }), NOT_IN_CHROMIUM),
  runs(
    "javascript: in a MathML href",
    ({ run }) => element("math", {}, [element("mtext", { href: `javascript:${run}` }, ["x"])]),
    NOT_IN_CHROMIUM,
  ),
  runs("data:text/html in <iframe>", ({ run }) => element("iframe", { src: `data:text/html,<script>${run}</script>` })),
  runs("data:text/html in <object>", ({ run }) => element("object", { data: `data:text/html,<script>${run}</script>` })),
  runs("data:text/html in <embed>", ({ run }) => element("embed", { src: `data:text/html,<script>${run}</script>` })),
  runs("data:image/svg+xml with a script", ({ run }) =>
    element("iframe", { src: `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"><script>${run}</script></svg>` }),
  ),
  runs("a picture of the record that holds a script", ({ run }) => element("img", { src: drawn(`<script>${run}</script>`) }), IN_A_PICTURE),
  runs("srcdoc", ({ run }) => element("iframe", { srcdoc: `<script>${run}</script>` })),
  {
    id: "V-01",
    name: "<base> before a script",
    head: ({ at }) => [element("base", { href: at("") })],
    nodes: () => [element("script", { src: "script.js" })],
  },
  {
    id: "V-01",
    name: "<base target=_top> before a link",
    head: ({ at }) => [element("base", { href: at(""), target: "_top" })],
    nodes: () => [element("a", { href: "top" }, ["x"])],
  },
  {
    id: "V-01",
    name: "<meta refresh>",
    head: ({ at }) => [element("meta", { "http-equiv": "refresh", content: `0;url=${at("refresh")}` })],
  },
  {
    id: "V-01",
    name: "<meta refresh> to javascript:",
    head: ({ run }) => [element("meta", { "http-equiv": "refresh", content: `0;url=javascript:${run}` })],
    quiet: NOT_IN_CHROMIUM,
  },
  {
    id: "V-01",
    name: "<meta> with another policy",
    head: () => [element("meta", { "http-equiv": "Content-Security-Policy", content: "default-src *; script-src * 'unsafe-inline'" })],
    nodes: ({ run }) => [element("script", {}, [run])],
  },
  runs("<object>", ({ at }) => element("object", { data: at("object"), type: "text/html" })),
  runs("<embed>", ({ at }) => element("embed", { src: at("embed"), type: "text/html" })),
  runs("<applet>", ({ at }) => element("applet", { code: at("applet") }), NOT_IN_CHROMIUM),
  runs("<frameset>", ({ at }) => element("frameset", {}, [element("frame", { src: at("frame") })]), "a body holds none"),
  runs("MathML <mglyph> and <style>", ({ run }) =>
    element("math", {}, [
      element("mtext", {}, [
        element("table", {}, [element("mglyph", {}, [element("style", {}, [`<!--</style><img src=x: onerror="${run}">-->`])])]),
      ]),
    ]),
  ),
  runs("MathML <annotation-xml encoding=text/html>", ({ run }) =>
    element("math", {}, [element("annotation-xml", { encoding: "text/html" }, [element("img", { src: "x:", onerror: run })])]),
  ),
  runs(
    "MathML <maction xlink:href>",
    ({ run }) => element("math", {}, [element("maction", { "xlink:href": `javascript:${run}` }, ["x"])]),
    NOT_IN_CHROMIUM,
  ),
  runs(
    "<template shadowrootmode>",
    ({ run }) => element("template", { shadowrootmode: "open" }, [element("img", { src: "x:", onerror: run })]),
    "its host has to be another element",
  ),
  runs("a shadow root", ({ run }) =>
    element("div", {}, [element("img", { src: "x:", onerror: run }, [], { isShadow: true })], { isShadowHost: true }),
  ),
  runs("<foreignObject>", ({ run }) =>
    svg("svg", {}, [svg("foreignObject", { width: "9", height: "9" }, [element("img", { src: "x:", onerror: run })])]),
  ),
  ...["style", "noscript", "xmp", "textarea", "title", "noembed", "noframes", "plaintext", "iframe"].map((tag) =>
    runs(
      `mutation through <${tag}>`,
      ({ run }) => element(tag, {}, [`</${tag}><img src=x: onerror="${run}">`]),
      tag === "plaintext" ? AS_TEXT : undefined,
    ),
  ),
  runs(
    "mutation through <svg><style>",
    ({ run }) => svg("svg", {}, [svg("style", {}, [`<a title="</style><img src=x: onerror=${run}>">`])]),
    SECOND,
  ),
  runs(
    "mutation through nested forms",
    ({ run }) =>
      element("form", {}, [
        element("math", {}, [element("mtext", {}, [`</form><form><mglyph><style></math><img src=x: onerror=${run}>`])]),
      ]),
    SECOND,
  ),
  runs("mutation through a title in <noscript>", ({ run }) =>
    element("noscript", {}, [element("p", { title: `</noscript><img src=x: onerror=${run}>` })]),
  ),
  runs("mutation through nodes too deep for a parser", ({ run }) =>
    many(600, () => element("div")).reduce(
      (inner, outer) => ({ ...outer, childNodes: [inner] }),
      element("img", { src: "x:", onerror: run }),
    ),
  ),
  runs("an attribute whose name is markup", ({ run }) => element("div", { [`><img src=x: onerror=${run}`]: "" }), AS_TEXT),
  runs("a tag whose name is markup", ({ run }) => element(`img src=x: onerror="${run}"`), AS_TEXT),
  runs(
    "a comment that ends early",
    ({ run }) => ({ type: 5, id: text("").id, textContent: `--><img src=x: onerror="${run}">` }),
    MADE_OF_EVENTS,
  ),
  {
    id: "V-01",
    name: "a handler that is set later",
    nodes: () => [],
    events: ({ run }, id) => [attributes(id, { onclick: run, onload: run, onerror: run, src: "x:" })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-01",
    name: "srcdoc that is set later",
    events: ({ run }, id) => [attributes(id, { srcdoc: `<script>${run}</script>` })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-01",
    name: "a text that becomes markup",
    events: ({ run }, id) => [
      change({ source: 0, removes: [], adds: [], attributes: [], texts: [{ id: id + 1, value: `<img src=x: onerror="${run}">` }] }),
    ],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-01",
    name: "a custom element that is defined",
    events: () => [change({ source: 16, define: { name: "x-one" } })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-01",
    name: "a plug-in's event",
    events: ({ run }) => [
      { type: 6, timestamp: 1300, data: { plugin: "rrweb/console@1", payload: { level: "log", trace: [], payload: [run] } } },
    ],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-01",
    name: "a canvas command",
    nodes: () => [element("canvas")],
    events: ({ at }, id) => [
      change({ source: 9, id, type: 0, commands: [{ property: "drawImage", args: [{ rr_type: "HTMLImageElement", src: at("canvas") }] }] }),
    ],
    quiet: MADE_OF_EVENTS,
  },
];

const rels = [
  "stylesheet",
  "icon",
  "shortcut icon",
  "apple-touch-icon",
  "manifest",
  "preload",
  "prefetch",
  "prerender",
  "modulepreload",
  "dns-prefetch",
  "preconnect",
  "stylesheet preconnect",
  "search",
  "import",
];
const SILENT_RELS = new Set([
  "apple-touch-icon",
  "manifest",
  "prerender",
  "dns-prefetch",
  "search",
  "import",
  "icon",
  "shortcut icon",
  "prefetch",
]);
const styles: [string, (url: string) => string][] = [
  ["background", (url) => `background: url("${url}")`],
  ["list-style", (url) => `display: list-item; list-style: url("${url}")`],
  ["cursor", (url) => `cursor: url("${url}"), auto`],
  ["border-image", (url) => `border: 9px solid; border-image: url("${url}") 9`],
  ["content", (url) => `content: url("${url}")`],
  ["mask", (url) => `mask: url("${url}"); width: 9px; height: 9px; background: red`],
  ["clip-path", (url) => `clip-path: url("${url}#x"); width: 9px; height: 9px`],
  ["filter", (url) => `filter: url("${url}#x"); width: 9px; height: 9px`],
  ["shape-outside", (url) => `float: left; shape-outside: url("${url}")`],
  ["image-set", (url) => `background: image-set("${url}" 1x)`],
];

/** V-03 of the threats: nothing that a page reported asks for anything. */
const asking: Vector[] = [
  asks("<img src>", ({ at }) => element("img", { src: at("img") })),
  asks(
    "a picture of the record that holds an address",
    ({ at }) =>
      element("img", { src: drawn(`<image href="${at("inner")}" width="9" height="9"/><style>@import "${at("sheet")}";</style>`) }),
    IN_A_PICTURE,
  ),
  asks(
    "a background of the record that holds an address",
    ({ at }) =>
      element(
        "p",
        {
          style: `background: url("${drawn(`<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="${at("foreign")}"/></foreignObject>`)}")`,
        },
        ["x"],
      ),
    IN_A_PICTURE,
  ),
  asks("<canvas rr_canvas>", ({ at }) => element("canvas", { rr_canvas: at("canvas") }), MADE_OF_EVENTS),
  asks("<img srcset>", ({ at }) => element("img", { srcset: `${at("srcset")} 1x` })),
  asks("<img rr_dataURL>", ({ at }) => element("img", { rr_dataURL: at("dataurl") }), MADE_OF_EVENTS),
  asks("<picture><source>", ({ at }) => element("picture", {}, [element("source", { srcset: at("source") }), element("img")])),
  asks("<input type=image>", ({ at }) => element("input", { type: "image", src: at("input") })),
  asks("<video src>", ({ at }) => element("video", { src: at("video"), autoplay: "" })),
  asks("<video poster>", ({ at }) => element("video", { poster: at("poster") })),
  asks("<video><source>", ({ at }) => element("video", { autoplay: "" }, [element("source", { src: at("source") })])),
  asks("<audio src>", ({ at }) => element("audio", { src: at("audio"), autoplay: "" })),
  asks(
    "<track src>",
    ({ at }) => element("video", { src: "data:video/mp4," }, [element("track", { default: "", kind: "subtitles", src: at("track") })]),
    "a film that plays is needed",
  ),
  asks("<iframe src>", ({ at }) => element("iframe", { src: at("iframe") })),
  asks("<fencedframe>", ({ at }) => element("fencedframe", { src: at("fenced") }), NOT_IN_CHROMIUM),
  asks("<portal>", ({ at }) => element("portal", { src: at("portal") }), NOT_IN_CHROMIUM),
  asks("<object data>", ({ at }) => element("object", { data: at("object") })),
  asks("<embed src>", ({ at }) => element("embed", { src: at("embed") })),
  ...rels.map((rel) =>
    asks(
      `<link rel="${rel}">`,
      ({ at, rawAway }) =>
        element("link", { rel, href: rel.includes("pre") && /connect|dns/.test(rel) ? rawAway : at("link"), as: "style" }),
      SILENT_RELS.has(rel) ? "not asked for without a window, or not at once" : undefined,
    ),
  ),
  asks('<LINK REL="PreConnect">', ({ rawAway }) => element("LINK", { REL: "PreConnect", HREF: rawAway })),
  asks("<link imagesrcset>", ({ at }) => element("link", { rel: "preload", as: "image", imagesrcset: `${at("imagesrcset")} 1x` })),
  asks(
    "a sheet that was recorded with its imports",
    ({ at }) =>
      element("link", { rel: "stylesheet", _cssText: `@import url("${at("import.css")}"); body { background: url("${at("sheet")}") }` }),
    MADE_OF_EVENTS,
  ),
  {
    id: "V-03",
    name: "srcdoc with a preconnect",
    nodes: ({ rawAway }) => [element("iframe", { srcdoc: `<link rel=preconnect href="${rawAway}/srcdoc">` })],
  },
  asks("<a ping>", ({ at }) => element("a", { href: "#x", ping: at("ping") }, ["x"])),
  asks(
    "<a attributionsrc>",
    ({ at }) => element("a", { href: "#x", attributionsrc: at("attribution") }, ["x"]),
    "not from an address without TLS",
  ),
  asks("<a href>", ({ at }) => element("a", { href: at("href") }, ["x"])),
  asks("a form that submits itself", ({ at }) =>
    element("form", { action: at("form"), method: "post" }, [element("input", { type: "submit", autofocus: "" })]),
  ),
  asks("formaction", ({ at }) => element("form", {}, [element("button", { formaction: at("formaction") }, ["x"])])),
  asks("<svg><use href>", ({ at }) => svg("svg", {}, [svg("use", { href: `${at("use.svg")}#x` })]), "not from another origin"),
  asks("<svg><image href>", ({ at }) => svg("svg", {}, [svg("image", { href: at("image"), width: "9", height: "9" })])),
  asks("<svg><feImage href>", ({ at }) =>
    svg("svg", { width: "9", height: "9" }, [
      svg("filter", { id: "f" }, [svg("feImage", { href: at("feimage") })]),
      svg("rect", { filter: "url(#f)", width: "9", height: "9" }),
    ]),
  ),
  asks(
    "<svg fill=url()>",
    ({ at }) => svg("svg", {}, [svg("rect", { fill: `url(${at("fill.svg")}#x)`, width: "9", height: "9" })]),
    "not from another origin",
  ),
  asks("<body background>", ({ at }) => element("body", { background: at("body") })),
  asks("<table background>", ({ at }) => element("table", { background: at("table") }, [element("tr", {}, [element("td", {}, ["x"])])])),
  asks("<html manifest>", ({ at }) => element("html", { manifest: at("appcache") }), NOT_IN_CHROMIUM),
  asks("@import", ({ at }) => element("style", {}, [`@import url("${at("import.css")}");`])),
  {
    id: "V-03",
    name: "@font-face",
    nodes: ({ at }) => [
      element("style", {}, [`@font-face { font-family: x; src: url("${at("font")}") } p { font-family: x }`]),
      element("p", {}, ["x"]),
    ],
  },
  asks("a sheet's background", ({ at }) => element("style", {}, [`body { background: url("${at("background")}") }`])),
  ...styles.map(([name, css]) =>
    asks(
      `style: ${name}`,
      ({ at }) => element("div", { style: css(at("style")) }, ["x"]),
      /clip|filter|shape/.test(name) ? "not from another origin" : undefined,
    ),
  ),
  asks(
    "speculation rules",
    ({ at }) =>
      element("script", { type: "speculationrules" }, [JSON.stringify({ prefetch: [{ source: "list", urls: [at("speculated")] }] })]),
    "not from an address without TLS",
  ),
  {
    id: "V-03",
    name: "a rule that is added",
    nodes: () => [element("style", {}, ["p {}"])],
    events: ({ at }, id) => [change({ source: 8, id, adds: [{ rule: `body { background: url("${at("rule")}") }`, index: 0 }] })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a property that is set",
    nodes: () => [element("style", {}, ["body {}"])],
    events: ({ at }, id) => [change({ source: 13, id, index: [0], set: { property: "background", value: `url("${at("property")}")` } })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a sheet that is adopted",
    events: ({ at }, id) => [
      change({
        source: 15,
        id,
        styleIds: [1],
        styles: [{ styleId: 1, rules: [{ rule: `body { background: url("${at("adopted")}") }`, index: 0 }] }],
      }),
    ],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a font that is loaded",
    events: ({ at }) => [change({ source: 10, family: "y", fontSource: `url(${at("font")})`, buffer: false })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "an address that is set later",
    nodes: () => [element("img")],
    events: ({ at }, id) => [attributes(id, { src: at("later"), srcset: `${at("later")} 1x` })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a style that is set later",
    nodes: () => [element("p", {}, ["x"])],
    events: ({ at }, id) => [
      change({
        source: 0,
        texts: [],
        removes: [],
        adds: [],
        attributes: [{ id, attributes: { style: { background: `url("${at("later")}")` } } }],
      }),
    ],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a link that becomes a preconnect",
    nodes: () => [element("link")],
    events: ({ rawAway }, id) => [attributes(id, { rel: "preconnect", href: `${rawAway}/turned` })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a film that is played",
    nodes: ({ at }) => [element("video", { src: at("video") })],
    events: (_, id) => [change({ source: 7, type: 0, id, currentTime: 0 })],
    quiet: MADE_OF_EVENTS,
  },
  {
    id: "V-03",
    name: "a policy that reports",
    head: ({ at }) => [element("meta", { "http-equiv": "Content-Security-Policy", content: `img-src 'none'; report-uri ${at("report")}` })],
    nodes: () => [element("img", { src: "http://127.0.0.1:1/x" })],
    quiet: "a policy in a page does not report",
  },
];

export const vectors: Vector[] = [...running, ...asking];
