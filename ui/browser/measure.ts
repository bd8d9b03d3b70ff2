/** What is wrong with the page as it is laid out now. It runs in the page and is handed over as text, so it stands alone. */
export function measure(): string[] {
  const wrong: string[] = [];
  const pressable = "a[href], button, input:not([type=hidden]), select, textarea, [role=button], [role=tab], [role=option]";
  const name = (element: Element) => {
    const id = element.getAttribute("data-testid");
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()}${id ? ` ${id}` : ""}${element.className && typeof element.className === "string" ? ` .${element.className.split(" ").join(".")}` : ""}> “${text}”`;
  };
  type Box = { left: number; top: number; right: number; bottom: number };
  const clipped = (box: Box, from: Element | null): Box | null => {
    let { left, top, right, bottom } = box;
    for (let at = from; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.visibility === "hidden" || style.clipPath !== "none" || at.getAttribute("aria-hidden") === "true") return null;
      if (at.classList.contains("toast")) return null;
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = at.getBoundingClientRect();
      [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
      [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    [right, bottom] = [Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
    return right - left > 2 && bottom - top > 2 ? { left, top, right, bottom } : null;
  };
  const root: Element = document.querySelector(".scrim, .menu, .narrow-layer") ?? document.body;
  const boxes: { element: Element; box: Box; text: boolean }[] = [];
  for (const element of root.querySelectorAll(pressable)) {
    const box = clipped(element.getBoundingClientRect(), element.parentElement);
    if (box && !(element as HTMLElement).closest(".unseen, .six")) boxes.push({ element, box, text: false });
  }
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || element.closest("svg, script, style, option, .unseen")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      // Lines of text may touch; what is written does not.
      const box = clipped({ left: line.left, right: line.right, top: line.top + 2, bottom: line.bottom - 2 }, element);
      if (box) boxes.push({ element, box, text: true });
    }
  }
  const over = (one: Box, other: Box) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
  boxes.forEach((one, at) => {
    for (const other of boxes.slice(at + 1)) {
      if (one.element === other.element || one.element.contains(other.element) || other.element.contains(one.element)) continue;
      // A field with its own button in it.
      if (one.element.closest(".combo") && one.element.closest(".combo") === other.element.closest(".combo")) continue;
      if (one.element.closest("label")?.contains(other.element) || other.element.closest("label")?.contains(one.element)) continue;
      if (over(one.box, other.box)) wrong.push(`${name(one.element)} lies over ${name(other.element)}`);
    }
  });
  for (const element of root.querySelectorAll("*")) {
    if (element.closest("svg, .unseen, option, textarea, input, select") || !(element instanceof HTMLElement)) continue;
    const style = getComputedStyle(element);
    if (style.clipPath !== "none" || style.display === "inline" || style.display === "contents" || element.clientWidth === 0) continue;
    const cut = element.scrollWidth > element.clientWidth + 1;
    if (cut && element.matches("button, .btn, .tag, .choice, .segment") && style.overflowX === "visible")
      wrong.push(`${name(element)} does not hold its words: ${element.scrollWidth} of ${element.clientWidth} px`);
    const short = element.scrollHeight > element.clientHeight + 3 && element.clientHeight > 0;
    if (
      short &&
      (style.overflowY === "hidden" || style.overflowY === "clip") &&
      !element.matches(".two-lines, .ell, .app, main, .skeleton")
    )
      wrong.push(`${name(element)} is cut: ${element.scrollHeight} of ${element.clientHeight} px high`);
    if (cut && (style.overflowX === "hidden" || style.overflowX === "clip") && style.textOverflow !== "ellipsis")
      wrong.push(`${name(element)} is cut: ${element.scrollWidth} of ${element.clientWidth} px`);
  }
  for (const element of root.querySelectorAll(pressable)) {
    const box = element.getBoundingClientRect();
    const shown = clipped(box, element.parentElement);
    if (shown && !element.closest(".scroll, [role=grid], .ell") && box.right > innerWidth + 1)
      wrong.push(`${name(element)} leaves the window`);
    if (shown && element.tagName === "BUTTON" && (box.width < 24 || box.height < 24))
      wrong.push(`${name(element)} is ${box.width}x${box.height} px`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  return [...new Set(wrong)];
}

/** Texts whose contrast to what is behind them is too small (WCAG 2.2, 1.4.3). It stands alone, as above. */
export function contrast(): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  if (!paper) return ["no canvas"];
  const known = new Map<string, number[]>();
  const rgba = (colour: string): number[] => {
    const found = known.get(colour);
    if (found) return found;
    paper.clearRect(0, 0, 1, 1);
    paper.fillStyle = colour;
    paper.fillRect(0, 0, 1, 1);
    const made = [...paper.getImageData(0, 0, 1, 1).data];
    known.set(colour, made);
    return made;
  };
  const light = (colour: number[]) => {
    const part = (value = 0) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2]);
  };
  const behind = (from: Element): number[] => {
    for (let at: Element | null = from; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 0) > 250) return colour;
    }
    return [255, 255, 255, 255];
  };
  const wrong = new Set<string>();
  const walker = document.createTreeWalker(document.querySelector(".scrim, .menu, .narrow-layer") ?? document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (
      !element ||
      !node.textContent?.trim() ||
      element.closest("svg, script, style, .unseen, [aria-hidden=true], [data-disabled], :disabled")
    )
      continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || style.clipPath !== "none") continue;
    const [one, other] = [light(rgba(style.color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const large = Number.parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) wrong.add(`${ratio.toFixed(2)}: “${node.textContent.trim().slice(0, 40)}” in .${element.className}`);
  }
  return [...wrong];
}
