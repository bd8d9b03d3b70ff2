import { render } from "@testing-library/react";
import type { Backend } from "../backend/backend";
import { BackendContext } from "../backend/context";
import { fake } from "../backend/fake";
import { stories } from "../backend/fake/stories";
import { walk } from "../backend/fake/story";
import { SessionBar } from "../screens/SessionBar";
import { App } from "./App";
import { loadAll } from "./coming";

// Tests look at what is shown, not at how its code came.
await loadAll();

/** Renders one state of one screen, for tests. */
export function tell(name: string): Backend {
  const backend = fake(name);
  const page = stories[name]?.page ?? "";
  window.location.hash = `#/${page}`;
  render(<BackendContext value={backend}>{page === "bar" ? <SessionBar session={null} /> : <App />}</BackendContext>);
  void walk(stories[name]);
  return backend;
}
