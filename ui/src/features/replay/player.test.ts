import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { recording } from "../../backend/fake/recording";
import { Player, playable } from "./player";
import { joinPages } from "./timeline";

const events = joinPages(recording(1_000_000));

afterEach(() => document.body.replaceChildren());

function talk() {
  const root = document.createElement("div");
  document.body.append(root);
  const said: { say: string }[] = [];
  const parent = { postMessage: (what: { say: string }) => said.push(what) };
  const ears: Record<string, (event: unknown) => void> = {};
  const own = {
    parent,
    addEventListener: (kind: string, hear: (event: unknown) => void) => {
      ears[kind] = hear;
    },
  };
  new Player(root, own as unknown as Window).listen();
  const send = (data: unknown, source: unknown = parent) => ears.message?.({ source, data });
  return { root, said, send };
}

test("the page is rebuilt in a frame that may run no script", () => {
  const { happyDOM } = window as unknown as { happyDOM: { settings: { enableIframePageLoading: boolean } } };
  happyDOM.settings.enableIframePageLoading = true;
  const { root, said, send } = talk();
  send({ say: "load", events });
  happyDOM.settings.enableIframePageLoading = false;
  expect(said.map((one) => one.say)).toEqual(["ready", "loaded"]);
  expect([...root.querySelectorAll("iframe")].map((frame) => frame.getAttribute("sandbox"))).toEqual(["allow-same-origin"]);
});

test("only the window above is heard", () => {
  const { root, said, send } = talk();
  send({ say: "load", events }, {});
  expect(said.map((one) => one.say)).toEqual(["ready"]);
  expect(root.querySelector("iframe")).toBeNull();
});

test("canvas commands, plug-ins and custom events are not played", () => {
  const hostile = [
    { type: 3, timestamp: 1, data: { source: 9 } },
    { type: 5, timestamp: 2 },
    { type: 6, timestamp: 3 },
    { type: 3, timestamp: 4, data: { source: 0 } },
  ];
  expect(playable(hostile).map((event) => event.timestamp)).toEqual([4]);
});

test("the player's page fetches nothing and runs its own script only", () => {
  const policy = /content="(default-src[^"]+)"/.exec(readFileSync("player.html", "utf8"))?.[1] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'none'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
});

const built = (tagName: string, attributes: Record<string, unknown>, childNodes: unknown[] = []) => ({
  type: 2,
  id: 1,
  tagName,
  attributes,
  childNodes,
});

test("nothing that a page reported can reach out by being rebuilt: links, base, refresh, inner documents", () => {
  const bad = [
    built("link", { rel: "preconnect", href: "https://away.test" }),
    built("LINK", { Rel: "dns-prefetch", HREF: "//away.test" }),
    built("base", { href: "https://away.test" }),
    built("meta", { "HTTP-EQUIV": "refresh", content: "0;url=https://away.test" }),
    built("iframe", { srcdoc: "<link rel=preconnect href=//away.test>", src: "data:text/html,//away.test" }),
    built("iframe", { src: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><script>//away.test</script></svg>" }),
    built("object", { data: "https://away.test" }),
    built("a", { href: "https://away.test", ping: "https://away.test" }),
    built("img", { rr_dataURL: "https://away.test", src: ["https://away.test"] }),
  ];
  const page = { type: 0, id: 9, childNodes: [built("html", {}, [built("head", {}, structuredClone(bad))])] };
  const events = playable([
    { type: 2, timestamp: 1, data: { node: page } },
    { type: 3, timestamp: 2, data: { source: 0, adds: bad.map((node) => ({ parentId: 9, nextId: null, node })) } },
    {
      type: 3,
      timestamp: 3,
      data: { source: 0, adds: [], attributes: [{ id: 1, attributes: { rel: "preconnect", href: "https://away.test", srcdoc: "x" } }] },
    },
    { type: 3, timestamp: 4, data: { source: 10, fontSource: "url(https://away.test)" } },
  ]);
  const left = JSON.stringify(events).replaceAll("0;url=https://away.test", "");
  expect(left).not.toContain("away.test");
  expect(left).not.toMatch(/srcdoc|http-equiv|"(link|base|object)"/i);
});

test("a sheet that was recorded is still a sheet, and pictures within the recording stay", () => {
  const sheet = built("link", { rel: "stylesheet", href: "https://away.test/a.css", _cssText: "p { color: red }" });
  const picture = built("img", { src: "data:image/png;base64,AA==", alt: "Logo" });
  const [event] = playable([{ type: 2, timestamp: 1, data: { node: built("body", {}, [sheet, picture]) } }]);
  const [first, second] = (event?.data?.node as { childNodes: (typeof sheet)[] }).childNodes;
  expect([first?.tagName, first?.attributes._cssText]).toEqual(["style", "p { color: red }"]);
  expect(second?.attributes).toEqual({ src: "data:image/png;base64,AA==", alt: "Logo" });
});
