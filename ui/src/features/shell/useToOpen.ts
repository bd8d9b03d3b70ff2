import { useBackend, useLoaded } from "../../backend/context";
import { useAppState } from "../../backend/state";
import { holds } from "../../parts/holds";

/** How many times somebody waits for this person to countersign that marks are opened. */
export function useToOpen(): number {
  const backend = useBackend();
  const { person } = useAppState();
  const signs = holds(person, "reviewer", "approver");
  const load = async () => (signs ? (await backend.reveals()).filter((one) => one.maySign).length : 0);
  return useLoaded(load, `to open ${signs}`, ["log"]).value ?? 0;
}
