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
