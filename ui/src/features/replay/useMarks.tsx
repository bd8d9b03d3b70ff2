import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { useBackend, useLoaded } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { RecordingView, RevealView } from "../../generated/bindings";
import { type Mark, marksOf } from "./marks";
import { holds } from "../../parts/holds";

interface Chosen {
  digits: ReadonlySet<string>;
  /** What is no mark of this Recording is passed over, whoever named it. */
  toggle: (digits: string[]) => void;
  clear: () => void;
}

const Standing = createContext<Mark[]>([]);
const Choosing = createContext<Chosen | null>(null);

/** Which marks of the Recording that is shown are chosen; nothing where nobody can ask for any. */
export const useChosen = () => useContext(Choosing);

/** Reviewers choose marks wherever they stand, as long as this Recording is shown. */
export function MarkChoice({ recording, children }: { recording: RecordingView; children: ReactNode }) {
  const { person } = useAppState();
  const marks = useMemo(() => marksOf(recording), [recording]);
  const [digits, set] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (named: string[]) => {
      const known = marks.filter((one) => named.includes(one.digits)).map((one) => one.digits);
      set((old) => {
        const all = known.every((one) => old.has(one));
        return new Set(all ? [...old].filter((one) => !known.includes(one)) : [...old, ...known]);
      });
    },
    [marks],
  );
  const clear = useCallback(() => set(new Set()), []);
  const chosen = useMemo(() => ({ digits, toggle, clear }), [digits, toggle, clear]);
  return (
    <Standing value={marks}>
      <Choosing value={holds(person, "reviewer") ? chosen : null}>{children}</Choosing>
    </Standing>
  );
}

export interface Marks {
  marks: Mark[];
  /** What was asked for of this Session in the last day. */
  reveals: ReturnType<typeof useLoaded<RevealView[]>>;
}

export function useMarks(session: string): Marks {
  const backend = useBackend();
  const marks = useContext(Standing);
  const some = marks.length > 0 && useChosen() !== null;
  const load = async () => (some ? (await backend.reveals()).filter((one) => one.session === session) : []);
  return { marks, reveals: useLoaded(load, `reveals ${session} ${some}`, ["log"]) };
}
