import { observeElementRect, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { usePreferences } from "../../parts/preferences";

const USUAL = 28;
const AROUND = 16;

/** How high a row is here: it follows the text size and the density that this person chose. */
function useRowHeight(box: RefObject<HTMLElement | null>, some: boolean): number {
  const { textSize, density } = usePreferences();
  const [height, setHeight] = useState(USUAL);
  useLayoutEffect(() => {
    const row = box.current?.querySelector<HTMLElement>("tbody tr[aria-rowindex]");
    const measured = row?.getBoundingClientRect().height ?? 0;
    if (measured > 0) setHeight(measured);
  }, [box, some, textSize, density]);
  return height;
}

/** The rows of a list of any length that are in view, and how much room those before and after take. */
export function useVirtualRows(box: RefObject<HTMLElement | null>, head: number, count: number) {
  const height = useRowHeight(box, count > 0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: AROUND,
    // The head of the table stands before the rows, and stays over them.
    scrollMargin: head,
    scrollPaddingStart: head,
    useFlushSync: false,
    // Where nothing is laid out yet, a window's worth of rows is drawn.
    observeElementRect: (one, tell) =>
      observeElementRect(one, (rect) => tell(rect.height > 0 ? rect : { width: window.innerWidth, height: window.innerHeight })),
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows[0], rows.at(-1)];
  const after = last ? virtual.getTotalSize() - (last.end - head) : 0;
  const page = Math.max(1, Math.floor(((box.current?.clientHeight ?? 0) - head) / height) - 1);
  const scrolled = virtual.scrollOffset ?? 0;
  return {
    rows,
    /** The row under the head. */
    top: Math.floor(scrolled / height),
    before: first ? first.start - head : 0,
    after,
    page,
    show: (at: number) => virtual.scrollToIndex(at, { align: "auto" }),
    scrolled,
    moving: virtual.isScrolling,
  };
}
