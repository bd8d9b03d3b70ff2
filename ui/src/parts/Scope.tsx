import "./scope.css";
import type { Scope as Word } from "../backend/wire";
import { words } from "./words";

/** A word that this version does not know weighs the most. */
const levels: Record<string, number> = { diagnostics: 1, read: 2, "read-write": 3, administer: 4 } satisfies Record<Word, number>;

export const scopeLevel = (scope: string) => levels[scope] ?? 4;

/** Four rising bars and the word. */
export function Scope({ scope, muted = false }: { scope: string; muted?: boolean }) {
  const level = scopeLevel(scope);
  return (
    <span className={`sc ${muted ? "" : `l${level}`}`}>
      <span className={`meter l${level}`} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </span>
      <span>{words.scope[scope] ?? scope}</span>
    </span>
  );
}
