import { useCallback, useMemo, useState } from "react";
import type { FindingView } from "../../generated/bindings";

export interface Opened {
  /** Findings that this person did not go to yet. */
  unread: FindingView[];
  /** A finding was gone to. */
  open: (rule: string) => void;
  /** The list was looked at: what is about the Session as a whole stands there in full. With `all`, no finding leads anywhere. */
  read: (all: boolean) => void;
}

/** Which findings were looked at, as long as this Session is shown. */
export function useOpened(findings: FindingView[] | null): Opened {
  const [opened, set] = useState<ReadonlySet<string>>(new Set());
  const add = useCallback(
    (rules: string[]) => set((old) => (rules.every((rule) => old.has(rule)) ? old : new Set([...old, ...rules]))),
    [],
  );
  const open = useCallback((rule: string) => add([rule]), [add]);
  const read = useCallback(
    (all: boolean) => add((findings ?? []).filter((one) => all || one.atMs === null).map((one) => one.rule)),
    [add, findings],
  );
  const unread = useMemo(() => (findings ?? []).filter((one) => !opened.has(one.rule)), [findings, opened]);
  return { unread, open, read };
}
