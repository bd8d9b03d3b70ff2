import {
  BroadcastIcon,
  DoorOpenIcon,
  GavelIcon,
  GearSixIcon,
  MagnifyingGlassIcon,
  RowsIcon,
  ScrollIcon,
  SignatureIcon,
} from "@phosphor-icons/react";
import type { ReactNode } from "react";
import { useAppState } from "../../backend/state";
import { initials } from "../../parts/format";
import { Mark } from "../../parts/Mark";
import { holds } from "../../parts/holds";
import { words } from "../../parts/words";
import "./shell.css";

interface ItemProps {
  id: string;
  page: string;
  icon: ReactNode;
  children: string;
  count?: number;
  hot?: boolean;
}

function Item({ id, page, icon, children, count = 0, hot = false }: ItemProps) {
  const on = page === id;
  return (
    <a
      href={`#/${id}`}
      className={`nv${on ? " on" : ""}`}
      aria-current={on ? "page" : undefined}
      title={children}
      data-testid={`nav-${id}`}
    >
      {icon}
      <span className="nm">{children}</span>
      {count > 0 ? <span className={hot ? "n hot" : "n"}>{count}</span> : null}
    </a>
  );
}

interface Props {
  page: string;
  /** Whether there can be something to countersign. */
  signs: boolean;
  narrow: boolean;
  openCount: number;
  inboxCount: number;
  /** Sessions that run, and those that must be reviewed; for reviewers. */
  liveCount: number;
  dueCount: number;
  onFind: () => void;
  menu: ReactNode;
}

export function Nav({ page, signs, narrow, openCount, inboxCount, liveCount, dueCount, onFind, menu }: Props) {
  const { person, operator } = useAppState();
  return (
    <nav className={narrow ? "nav narrow" : "nav"} aria-label={words.nav.label} data-pane="nav">
      <div className="brand">
        <Mark size={22} />
        <div className="nm grow">
          {words.product}
          <small className="two-lines" title={operator}>
            {operator}
          </small>
        </div>
        {menu}
      </div>
      <button type="button" className="search" onClick={onFind} data-testid="find" aria-label={words.nav.find}>
        <MagnifyingGlassIcon size={14} />
        <span className="grow nm">{words.nav.find}</span>
        <kbd className="nm">Ctrl K</kbd>
      </button>
      <div className="grp">{words.nav.groups.access}</div>
      <Item id="access" page={page} icon={<DoorOpenIcon size={16} />} count={openCount}>
        {words.nav.access}
      </Item>
      {signs ? (
        <Item id="approvals" page={page} icon={<SignatureIcon size={16} />} count={inboxCount} hot>
          {words.nav.approvals}
        </Item>
      ) : null}
      <div className="grp">{words.nav.groups.oversight}</div>
      {holds(person, "reviewer") ? (
        <Item id="live" page={page} icon={<BroadcastIcon size={16} />} count={liveCount}>
          {words.nav.live}
        </Item>
      ) : null}
      <Item id="sessions" page={page} icon={<RowsIcon size={16} />} count={dueCount}>
        {words.nav.sessions}
      </Item>
      <Item id="policy" page={page} icon={<GavelIcon size={16} />}>
        {words.nav.policy}
      </Item>
      <div className="grp">{words.nav.groups.evidence}</div>
      <Item id="log" page={page} icon={<ScrollIcon size={16} />}>
        {words.nav.log}
      </Item>
      <Me on={page === "settings"} />
    </nav>
  );
}

function Me({ on }: { on: boolean }) {
  const { person } = useAppState();
  if (!person) return null;
  const role = person.roles.map((one) => words.role[one] ?? one).join(", ");
  return (
    <div className="me">
      <div className="av" aria-hidden="true">
        {initials(person.name)}
      </div>
      <div className="grow nm">
        <div className="two-lines medium" title={person.name}>
          {person.name}
        </div>
        <div className="s11 t3 two-lines" title={role}>
          {role}
        </div>
      </div>
      <a
        href="#/settings"
        className={on ? "btn q ic sm on" : "btn q ic sm"}
        aria-label={words.settings.title}
        aria-current={on ? "page" : undefined}
        title={`${words.settings.title} (Ctrl ,)`}
        data-testid="nav-settings"
      >
        <GearSixIcon size={16} />
      </a>
    </div>
  );
}
