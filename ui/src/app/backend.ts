import { isTauri } from "@tauri-apps/api/core";
import type { Backend } from "../backend/backend";
import { tauri } from "../backend/tauri";
import { loadAll } from "./coming";

/** The engine in the app; a fake one in every build but the production one, where `?story=` chooses a state. */
export async function backendHere(): Promise<Backend | null> {
  if (isTauri()) return tauri;
  if (import.meta.env.MODE === "production") return null;
  const query = new URLSearchParams(window.location.search);
  const name = query.get("story") ?? "access";
  const [{ fake }, { stories }, { walk }] = await Promise.all([
    import("../backend/fake"),
    import("../backend/fake/stories"),
    import("../backend/fake/story"),
  ]);
  if (!window.location.hash) window.location.hash = `#/${stories[name]?.page ?? ""}`;
  void loadAll().then(() => walk(stories[name]));
  return fake(name);
}
