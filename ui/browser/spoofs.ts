import { element, type Node } from "./nodes";

const cover = "position: fixed; inset: -2000px; width: 9000px; height: 9000px; z-index: 2147483647; background: white";
/** V-06 of the threats: what a recorded page may hold to look like the app. */
export const spoofs: [string, () => Node[]][] = [
  ["a Countersign button over everything", () => [element("button", { style: cover, onclick: "top.ran = 1" }, ["Countersign"])]],
  ["a question for a code", () => [element("dialog", { open: "", style: cover }, ["Your code", element("input", { autofocus: "" })])]],
  ["a popover in the top layer", () => [element("div", { popover: "manual", style: cover }, ["Approve"])]],
  ["a film over the whole screen", () => [element("video", { style: cover, autoplay: "", controls: "", fullscreen: "" })]],
  ["a link to the window above", () => [element("a", { href: "https://away.test", target: "_top", style: cover }, ["Back to Sessions"])]],
  [
    "a form to the window above",
    () => [element("form", { action: "https://away.test", target: "_top", style: cover }, [element("button", {}, ["Sign"])])],
  ],
  ["a cursor as large as a window", () => [element("div", { style: `${cover}; cursor: none` }, ["x"])]],
];
