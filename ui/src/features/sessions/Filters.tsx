import { FunnelSimpleIcon } from "@phosphor-icons/react";
import { useEffect, useRef, useState } from "react";
import type { OrganizationView, SessionCountView } from "../../generated/bindings";
import { thousands } from "../../parts/format";
import { useCommandKeys, useKeys } from "../../parts/keys";
import { words } from "../../parts/words";
import { Chip } from "./Chip";
import { type Completion, typedOf } from "./completions";
import { FilterInput } from "./FilterInput";
import type { Wanted } from "./filter";
import { type Among, keys, nameOf, type Token, tokenOf, withToken, writtenOf } from "./tokens";
import { countSaid } from "./useCounts";

const say = words.sessions;

interface Props {
  wanted: Wanted;
  set: (change: Partial<Wanted>) => void;
  organizations: OrganizationView[];
  people: string[];
  shown: number;
  /** As many as were looked through for a text. */
  among: number | null;
  counted: SessionCountView | null;
  onOpen: () => void;
}

/** What is looked for: tokens, and words after them. All of it stands in the link of the page. */
export function Filters({ wanted, set, organizations, people, shown, among, counted, onOpen }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [field, setField] = useState(wanted.text);
  const [wrong, setWrong] = useState("");
  const known: Among = { organizations, people };
  // A link or a view says what is looked for; what is being written stays as it is.
  useEffect(() => setField((old) => (typedOf(old).text === wanted.text.trim() ? old : wanted.text)), [wanted.text]);
  const write = (text: string) => {
    setWrong("");
    setField(text);
    const words = typedOf(text).partial ? typedOf(text).text : text;
    if (words !== wanted.text) set({ text: words });
  };
  const start = (text: string) => {
    write(text);
    input.current?.focus();
  };
  useKeys({ "/": () => input.current?.focus() });
  useCommandKeys({ g: () => start(`${nameOf("when")}:`) });
  const add = (token: Token, text = typedOf(field).text) => {
    setWrong("");
    setField(text);
    set({ text, tokens: withToken(wanted.tokens, token) });
  };
  const finish = () => {
    const { text, partial } = typedOf(field);
    if (!partial) return text ? onOpen() : undefined;
    if (!partial.key) return setWrong(say.wrong.key(partial.name, keys.map(nameOf).join(", ")));
    const token = tokenOf(partial.key, partial.written, known);
    if ("wrong" in token) return setWrong(token.wrong);
    add(token);
  };
  const take = (completion: Completion) => {
    if (completion.types) return write(completion.types);
    const token = completion.token && tokenOf(completion.token.key, completion.token.written, known);
    if (token && !("wrong" in token)) add(token, completion.leaves);
  };
  const without = (at: number) => wanted.tokens.filter((_, place) => place !== at);
  const drop = (at: number) => {
    set({ tokens: without(at) });
    input.current?.focus();
  };
  const edit = (at: number, token: Token) => {
    set({ tokens: without(at) });
    start(`${typedOf(field).text} ${nameOf(token.key)}:${writtenOf(token)}`.trimStart());
  };
  return (
    <div className="filters">
      <div className="filter-field">
        <FunnelSimpleIcon size={16} className="t3" aria-hidden="true" />
        {wanted.tokens.map((token, at) => (
          <Chip
            key={token.key + writtenOf(token)}
            token={token}
            organizations={organizations}
            onEdit={() => edit(at, token)}
            onOp={(op) => set({ tokens: withToken(without(at), { ...token, op }) })}
            onRemove={() => drop(at)}
          />
        ))}
        <FilterInput
          input={input}
          field={field}
          wrong={wrong}
          known={known}
          onWrite={write}
          onTake={take}
          onFinish={finish}
          onBack={() => wanted.tokens.length > 0 && drop(wanted.tokens.length - 1)}
        />
        <span className="s12 t3 push nw" data-testid="session-count">
          {among !== null
            ? say.ofLoaded(thousands(shown), thousands(among))
            : counted && (counted.more || counted.sessions > shown)
              ? say.counted(thousands(shown), countSaid(counted))
              : say.loaded(thousands(shown))}
        </span>
      </div>
      {wrong ? (
        <p id="filter-wrong" role="alert" className="s12 red" data-testid="filter-wrong">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
