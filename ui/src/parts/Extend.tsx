import { type FormEvent, type KeyboardEvent, useState } from "react";
import { Radio, RadioGroup } from "react-aria-components";
import { useAction, useBackend } from "../backend/context";
import type { DoorView } from "../generated/bindings";
import { Button } from "./Button";
import { CodeField } from "./CodeField";
import { wrongCode } from "./fault";
import { FaultNote } from "./FaultNote";
import { exactly } from "./format";
import { offersOf } from "./offers";
import { Time } from "./Time";
import { words } from "./words";

const say = words.more;

interface Props {
  door: DoorView;
  /** Seconds that policy leaves. */
  room: number;
  onSent: () => void;
  /** With what had the focus before. */
  onClose: (from: Element | null) => void;
}

const onEscape = (leave: () => void) => (event: KeyboardEvent) => {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  leave();
};

/** Asks for more time: how much, with what it comes to. */
export function Extend({ door, room, onSent, onClose }: Props) {
  const backend = useBackend();
  // Looked at before the question takes the focus.
  const [from] = useState(() => document.activeElement);
  const leave = () => onClose(from);
  const { busy, fault, run } = useAction();
  const offers = offersOf(room);
  const [chosen, choose] = useState(offers[0] ?? 0);
  const [code, setCode] = useState("");
  const total = door.endsAt - door.openedAt;
  // What is chosen stays on offer while the Session goes on for longer than it was.
  const seconds = offers.includes(chosen) ? chosen : (offers[0] ?? 0);
  const needed = fault?.code === "code-needed";
  const wrong = needed ? say.needed : wrongCode(fault);
  const ready = seconds > 0 && (code.length === 6 || (code.length === 0 && !needed)) && !busy;
  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) return;
    const sent = await run(
      () => backend.askForMore(door.request, seconds, code || null),
      () => setCode(""),
    );
    if (sent) onSent();
  };
  if (offers.length === 0)
    return (
      <div className="note am" data-testid="no-more" onKeyDown={onEscape(leave)}>
        <span className="grow" role="status">
          {say.none(exactly(total))}
        </span>
        <Button size="sm" onPress={leave} autoFocus>
          {say.close}
        </Button>
      </div>
    );
  return (
    <form
      className="note more"
      aria-label={say.title}
      data-testid="asking-more"
      onSubmit={(event) => void send(event)}
      onKeyDown={onEscape(leave)}
    >
      <div className="grow">
        <b>{say.title}</b>
        <div className="s12 t2" data-testid="comes-to">
          <Time at={door.endsAt + seconds} as="clock" say={(end) => say.comesTo(end, exactly(total + seconds))} /> {say.second}
        </div>
      </div>
      <RadioGroup
        aria-label={say.howMuch}
        className="offers"
        orientation="horizontal"
        value={String(seconds)}
        onChange={(next) => choose(Number(next))}
      >
        {offers.map((one) => (
          <Radio key={one} value={String(one)} autoFocus={one === seconds} className="offer" data-testid={`more-${one}`}>
            {exactly(one)}
          </Radio>
        ))}
      </RadioGroup>
      <CodeField value={code} onChange={setCode} onEnter={() => void send()} label={say.code} wrong={wrong} />
      <Button look="primary" type="submit" busy={busy} isDisabled={!ready} data-testid="send-more">
        {say.ask(exactly(seconds))}
      </Button>
      <Button look="quiet" onPress={leave}>
        {say.notNow}
      </Button>
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
    </form>
  );
}
