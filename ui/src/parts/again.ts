import { useState } from "react";

const AGAIN = "again";
let again = false;

/**
 * Whether the shell opened this page again because its process had stopped. The address says so once: it is read before
 * anything is shown, and loaded anew by hand the page says nothing of it.
 */
export function readOpenedAgain(): boolean {
  const { hash, pathname, search } = window.location;
  const query = new URLSearchParams(search);
  again = query.has(AGAIN);
  query.delete(AGAIN);
  if (again) window.history.replaceState(null, "", `${pathname}?${query.toString()}${hash}`);
  return again;
}

/** The same, until the person put it away. */
export function useOpenedAgain(): [boolean, () => void] {
  const [is, set] = useState(again);
  const dismiss = () => {
    again = false;
    set(false);
  };
  return [is, dismiss];
}
