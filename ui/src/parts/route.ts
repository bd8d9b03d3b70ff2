import { useSyncExternalStore } from "react";

export interface Route {
  page: string;
  part: string;
  query: URLSearchParams;
}

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/");
  return { page: page || "access", part: decodeURIComponent(rest.join("/")), query: new URLSearchParams(query) };
}

export function go(path: string) {
  window.location.hash = `#/${path}`;
}

/** Goes to a page in the place of the one that is shown, at once: what is typed into the address is typed into a field. */
export function replace(path: string) {
  window.history.replaceState(null, "", `#/${path}`);
  window.dispatchEvent(new Event("hashchange"));
}

/** What one passes on: it names the page and nothing else, and opening it looks at nothing. */
export const linkToSession = (id: string) => `countersign://session/${id}`;

function subscribe(changed: () => void) {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => window.location.hash));
}
