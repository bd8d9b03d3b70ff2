// Who looked and when, over the page: it deters and attributes, and stops no photograph.

const AGAIN_MS = 1_000;

function picture(text: string): string {
  const escaped = text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="460" height="220"><text x="20" y="140" transform="rotate(-14 20 140)" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#808080" fill-opacity="0.17">${escaped}</text></svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}

/** Puts the mark over the page, and back when it was taken away. */
export function watermark(mark: string): void {
  const host = document.createElement("countersign-mark");
  host.className = "rr-block";
  const layer = document.createElement("div");
  host.attachShadow({ mode: "closed" }).append(layer);
  const draw = (): void => {
    const now = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
    host.style.cssText = "all: initial !important; position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; pointer-events: none !important;";
    layer.style.cssText = `position: fixed; inset: 0; pointer-events: none; background-repeat: repeat; background-image: ${picture(`${mark}, ${now}`)}`;
    if (host.parentNode !== document.documentElement) document.documentElement.append(host);
  };
  const start = (): void => {
    draw();
    window.setInterval(draw, AGAIN_MS);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start, { once: true });
  else start();
}
