import { useCallback, useRef } from "react";
import { useBackend } from "../../backend/context";

/** Tells the window how high the element is, now and whenever that changes. */
export function useFit(): (element: HTMLElement | null) => void {
  const backend = useBackend();
  const observer = useRef<ResizeObserver | null>(null);
  return useCallback(
    (element) => {
      observer.current?.disconnect();
      if (!element) return;
      let told = 0;
      const fit = () => {
        const height = Math.ceil(element.getBoundingClientRect().height);
        if (height === told) return;
        told = height;
        void backend.fitBar(height).catch(() => {});
      };
      observer.current = new ResizeObserver(fit);
      observer.current.observe(element);
      fit();
    },
    [backend],
  );
}
