import { MagnifyingGlassIcon } from "@phosphor-icons/react";
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useServerSeconds } from "../../backend/clock";
import { go } from "../../parts/route";
import { useOtherTimes, useTimes } from "../../parts/Time";
import { words } from "../../parts/words";
import type { Command } from "./commands";
import { linked, marked, matching } from "./matching";
import { type Group, groupsOf, idGroups, type Known, type Option, ticketOption } from "./options";
import "./palette.css";

const say = words.palette;
const QUIET_MS = 300;

/** What fits; a ticket or an id that nothing here has is looked for where it may be. */
function found(groups: Group[], typed: string): Group[] {
  const shown = matching(groups, typed);
  if (shown.length > 0) return shown;
  const ticket = ticketOption(typed);
  return ticket ? [{ id: "sessions", options: [ticket] }] : idGroups(typed);
}

/** Told once the typing rests, so that it does not talk over it. */
function useCount(count: number, typed: string): string {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(say.count(count)), QUIET_MS);
    return () => clearTimeout(timer);
  }, [count, typed]);
  return said;
}

interface LineProps {
  id: string;
  option: Option;
  typed: string;
  on: boolean;
  onPoint: () => void;
  onPress: () => void;
}

function Line({ id, option, typed, on, onPoint, onPress }: LineProps) {
  const [before, hit, after] = marked(option.name, typed);
  const others = useOtherTimes();
  return (
    <div
      id={id}
      role="option"
      aria-selected={on}
      className="opt"
      onPointerMove={onPoint}
      onClick={onPress}
      data-testid={`palette-${option.id}`}
    >
      {option.icon}
      <span className="ell">
        {before}
        {hit ? <b>{hit}</b> : null}
        {after}
      </span>
      {option.note ? (
        <span className="s12 t3 ell note" title={option.at === undefined ? undefined : others.whole(option.at)}>
          {option.note}
        </span>
      ) : null}
      {option.keys ? <kbd aria-hidden="true">{option.keys}</kbd> : null}
      {on && !option.keys ? <kbd aria-hidden="true">Enter</kbd> : null}
    </div>
  );
}

interface Props {
  known: Known;
  /** Some of it could not be loaded. */
  partly: boolean;
  commands: Command[];
  onClose: () => void;
}

function Finder({ known, partly, commands, onClose }: Props) {
  const list = useId();
  const now = useServerSeconds(60_000);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const times = useTimes();
  const groups = useMemo(() => groupsOf(known, commands, now, times), [known, commands, now, times]);
  const link = linked(typed);
  const shown = link ? [] : found(groups, typed);
  const options = shown.flatMap((group) => group.options);
  const place = Math.min(at, Math.max(0, options.length - 1));
  const active = options[place];
  const said = useCount(link ? 1 : options.length, typed);
  useEffect(() => {
    // In newer engines it answers with a promise, which an effect must not.
    void document.getElementById(`${list}-${place}`)?.scrollIntoView({ block: "nearest" });
  }, [list, place, typed]);
  const act = (what: (() => void) | undefined) => {
    if (!what) return;
    onClose();
    what();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length > 0) {
      event.preventDefault();
      setAt((place + step + options.length) % options.length);
    }
    if (event.key !== "Enter" || event.repeat) return;
    event.preventDefault();
    if (link) return act(() => go(link));
    act(event.ctrlKey || event.metaKey ? active?.page : active?.act);
  };
  let number = -1;
  return (
    <>
      <div className="top">
        <MagnifyingGlassIcon size={16} />
        <input
          role="combobox"
          aria-label={say.label}
          aria-expanded="true"
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={active ? `${list}-${place}` : undefined}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
          data-testid="palette-input"
        />
        <kbd>Esc</kbd>
      </div>
      <div id={list} role="listbox" aria-label={say.label} className="list scroll">
        {shown.map((group) => (
          <div key={group.id} role="group" aria-label={say.groups[group.id]}>
            <div className="grp" aria-hidden="true">
              {say.groups[group.id]}
            </div>
            {group.options.map((option) => {
              number += 1;
              const mine = number;
              return (
                <Line
                  key={option.id}
                  id={`${list}-${mine}`}
                  option={option}
                  typed={typed}
                  on={mine === place}
                  onPoint={() => setAt(mine)}
                  onPress={() => act(option.act)}
                />
              );
            })}
          </div>
        ))}
        {link ? (
          <div id={`${list}-0`} role="option" aria-selected="true" className="opt" onClick={() => act(() => go(link))}>
            {say.openLink}
          </div>
        ) : null}
      </div>
      {options.length === 0 && !link ? <div className="none t3">{say.none}</div> : null}
      {partly ? <div className="partly s12 amber">{say.partly}</div> : null}
      <div className="unseen" role="status">
        {said}
      </div>
      <Foot page={active?.page !== undefined} />
    </>
  );
}

function Foot({ page }: { page: boolean }) {
  return (
    <div className="foot s11 t3">
      <span>
        <kbd>↑</kbd> <kbd>↓</kbd> {say.move}
      </span>
      <span>
        <kbd>Enter</kbd> {say.act}
      </span>
      {page ? (
        <span>
          <kbd>Ctrl Enter</kbd> {say.openPage}
        </span>
      ) : null}
      <span className="push">
        {say.type} <kbd>#</kbd> {say.ticket}
      </span>
      <span>
        <kbd>@</kbd> {say.person}
      </span>
      <span>
        <kbd>&gt;</kbd> {say.command}
      </span>
    </div>
  );
}

/** Find or do. Nothing that destroys runs from here without its question. */
export function Palette({ open, ...props }: Props & { open: boolean }) {
  return (
    <ModalOverlay isOpen={open} onOpenChange={(is) => !is && props.onClose()} isDismissable className="scrim">
      <Modal className="palette">
        <Dialog aria-label={say.label}>
          <Finder {...props} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
