import { pieces } from "./marks";

/** What an element itself says, without what is below it. */
function own(element: Element): string {
  const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.nodeValue ?? "");
  const said = ["value", "placeholder", "title", "alt"].map((name) => element.getAttribute(name) ?? "");
  const typed = "value" in element && typeof element.value === "string" ? element.value : "";
  return [...texts, ...said, typed].join("\n");
}

/** The digits of the marks in what stands at this point of the window, on the page that is shown in this frame. */
export function marksUnder(frame: HTMLIFrameElement, x: number, y: number): string[] {
  const box = frame.getBoundingClientRect();
  const scale = box.width / (frame.offsetWidth || 1) || 1;
  const element = frame.contentDocument?.elementFromPoint((x - box.left) / scale, (y - box.top) / scale);
  if (!element) return [];
  const digits = pieces(own(element)).flatMap((piece) => (typeof piece === "string" ? [] : [piece.digits]));
  return [...new Set(digits)];
}
