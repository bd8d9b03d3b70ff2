import type { OrganizationView } from "../../generated/bindings";
import { thousands } from "../../parts/format";
import { useKeys } from "../../parts/keys";
import { words } from "../../parts/words";
import { type Since, sinces, type Wanted } from "./filter";

const say = words.sessions;

interface Props {
  wanted: Wanted;
  set: (change: Partial<Wanted>) => void;
  organizations: OrganizationView[];
  shown: number;
}

/** What is looked for. All of it stands in the link of the page. */
export function Filters({ wanted, set, organizations, shown }: Props) {
  useKeys({ "/": () => document.getElementById("find-session")?.focus() });
  return (
    <div className="filters">
      <input
        id="find-session"
        className="fld"
        type="search"
        aria-label={say.filter}
        placeholder={say.filter}
        value={wanted.text}
        onChange={(event) => set({ text: event.target.value })}
        data-testid="session-filter"
      />
      <select
        className="fld"
        aria-label={say.heads.organization}
        value={wanted.organization}
        onChange={(event) => set({ organization: event.target.value })}
      >
        <option value="">{say.anyOrganization}</option>
        {organizations.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      <select className="fld" aria-label={say.heads.scope} value={wanted.scope} onChange={(event) => set({ scope: event.target.value })}>
        <option value="">{say.anyScope}</option>
        {Object.entries(words.scope).map(([scope, name]) => (
          <option key={scope} value={scope}>
            {name}
          </option>
        ))}
      </select>
      <select
        className="fld"
        aria-label={say.heads.started}
        value={wanted.since}
        onChange={(event) => set({ since: event.target.value as Since })}
        data-testid="session-since"
      >
        {sinces.map((days) => (
          <option key={days} value={days}>
            {say.since[days]}
          </option>
        ))}
      </select>
      <span className="s12 t3 push nw">{say.loaded(thousands(shown))}</span>
    </div>
  );
}
