// Who looked and when, over the page: it deters and attributes, and stops no photograph. Text and not a picture, so
// that a page's own policy for pictures does not decide about it.

const AGAIN_MS = 1_000;
/** After the page's text is there. */
const MOST_MS = 250;
const COLUMN_PX = 460;
const ROW_PX = 150;

const COVER = "all: initial !important; position: fixed !important; inset: 0 !important; overflow: hidden !important; z-index: 2147483647 !important; pointer-events: none !important; display: block !important;";
const LINE = "position: absolute; white-space: nowrap; transform: rotate(-14deg); font: 13px system-ui, sans-serif; color: rgb(128 128 128 / 0.17); user-select: none;";

/** Puts the mark over the page, and back when it was taken away. */
export function watermark(mark: string): void {
  const host = document.createElement("countersign-mark");
  // rrweb keeps the place of a blocked element and nothing in it: a replay is marked by whoever replays.
  host.className = "rr-block";
  host.setAttribute("aria-hidden", "true");
  const layer = host.attachShadow({ mode: "closed" });
  const create = document.createElement.bind(document);

  const lines = (): void => {
    const wanted = Math.ceil(innerWidth / COLUMN_PX + 1) * Math.ceil(innerHeight / ROW_PX + 1);
    while (layer.childElementCount < wanted) layer.append(create("span"));
    const text = `${mark}, ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
    const columns = Math.ceil(innerWidth / COLUMN_PX + 1);
    [...layer.children].forEach((line, n) => {
      (line as HTMLElement).style.cssText = `${LINE} left: ${(n % columns) * COLUMN_PX - 40}px; top: ${Math.floor(n / columns) * ROW_PX + 60}px;`;
      if (line.textContent !== text) line.textContent = text;
    });
  };
  const draw = (): void => {
    if (host.style.cssText === "" || host.style.display !== "block") host.style.cssText = COVER;
    lines();
    if (host.parentNode !== document.documentElement) document.documentElement.append(host);
  };
  const later = window.setTimeout.bind(window);
  const again = window.setInterval.bind(window);
  const frame = window.requestAnimationFrame.bind(window);
  let started = false;
  const start = (): void => {
    if (started) return;
    started = true;
    draw();
    again(draw, AGAIN_MS);
  };
  // Once the page stands there: laying these lines out is part of no load. A page that is not in view has no frame.
  const soon = (): void => {
    frame(() => later(start, 0));
    later(start, MOST_MS);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", soon, { once: true });
  else soon();
}
