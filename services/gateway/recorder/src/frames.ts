// A page in a frame: whether the page around it records it too.

const MARK = Symbol.for("countersign-recorder");

/** Alone in its window; inside a page that records it; or in a frame that nobody around it can look into. */
export function placed(): "alone" | "inside" | "apart" {
  const own = window as unknown as Record<symbol, boolean>;
  try {
    own[MARK] = true;
    if (window.parent === window) return "alone";
    // The other side's document is there for pages of one address only.
    const around = window.parent as unknown as Record<symbol, boolean>;
    return window.parent.document !== null && around[MARK] === true ? "inside" : "apart";
  } catch {
    return "apart";
  }
}
