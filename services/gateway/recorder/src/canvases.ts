// What canvases look like, as pictures: a change of their pixels is a change of nothing that an observer sees.

type Event = { type: number; timestamp: number; data: object };

const EVERY_MS = 2_000;
/** Larger ones are not looked at, in pixels. */
const MOST_PIXELS = 4_000_000;
/** When looking took longer than this, the next look comes later. */
const MOST_MS = 12;
const MOST_LETTERS = 1_000_000;

/** Reports each canvas whose picture changed, seldom enough that the page does not notice. */
export function canvases(idOf: (node: Node) => number, report: (event: never) => void): void {
  const seen = new WeakMap<HTMLCanvasElement, string>();
  const all = document.querySelectorAll.bind(document);
  const later = window.setTimeout.bind(window);
  const now = performance.now.bind(performance);

  const look = (): void => {
    const from = now();
    for (const canvas of all("canvas") as NodeListOf<HTMLCanvasElement>)
      try {
        picture(canvas);
      } catch {
        // What another address drew cannot be read.
      }
    const took = now() - from;
    later(look, took > MOST_MS ? EVERY_MS * Math.ceil(took / MOST_MS) : EVERY_MS);
  };
  const picture = (canvas: HTMLCanvasElement): void => {
    const id = idOf(canvas);
    if (id < 0 || canvas.width * canvas.height > MOST_PIXELS || canvas.width * canvas.height === 0) return;
    const drawn = canvas.toDataURL();
    if (drawn.length > MOST_LETTERS || seen.get(canvas) === drawn) return;
    seen.set(canvas, drawn);
    const change = { id, attributes: { rr_canvas: drawn } };
    const data = { source: 0, texts: [], attributes: [change], removes: [], adds: [] };
    report({ type: 3, timestamp: Date.now(), data } satisfies Event as never);
  };
  later(look, 500);
}
