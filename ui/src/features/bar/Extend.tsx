import { type FormEvent, useState } from "react";
import { Radio, RadioGroup } from "react-aria-components";
import { useAction, useBackend } from "../../backend/context";
import type { DoorView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { CodeField } from "../../parts/CodeField";
import { wrongCode } from "../../parts/fault";
import { FaultNote } from "../../parts/FaultNote";
import { clock, exactly } from "../../parts/format";
import { words } from "../../parts/words";
import { offersOf } from "./offers";

const say = words.more;

interface Props {
  door: DoorView;
  /** Seconds that policy leaves. */
  room: number;
  onClose: () => void;
}

/** Asks for more time: how much, with what it comes to. The bar grows by it, and the page goes on below. */
export function Extend({ door, room, onClose }: Props) {
  const backend = useBackend();
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
    if (sent) onClose();
  };
  if (offers.length === 0)
    return (
      <div className="note am" role="status" data-testid="no-more">
        <span className="grow">{say.none(exactly(total))}</span>
        <Button size="sm" onPress={onClose} autoFocus>
          {say.close}
        </Button>
      </div>
    );
  return (
    <form className="note more" aria-label={say.title} data-testid="asking-more" onSubmit={(event) => void send(event)}>
      <div className="grow">
        <b>{say.title}</b>
        <div className="s12 t2" data-testid="comes-to">
          {say.comesTo(clock(door.endsAt + seconds), exactly(total + seconds))} {say.second}
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
      <Button look="primary" type="submit" isDisabled={!ready} data-testid="send-more">
        {say.ask(exactly(seconds))}
      </Button>
      <Button look="quiet" onPress={onClose}>
        {say.notNow}
      </Button>
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
    </form>
  );
}
