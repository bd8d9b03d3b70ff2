import { HourglassMediumIcon, SealCheckIcon, WarningIcon } from "@phosphor-icons/react";
import { type ReactNode, useState } from "react";
import { useServerSeconds } from "../backend/clock";
import { useAction, useBackend } from "../backend/context";
import type { MoreView } from "../generated/bindings";
import { Button } from "./Button";
import { CodeField } from "./CodeField";
import { wrongCode } from "./fault";
import { FaultNote } from "./FaultNote";
import { exactly } from "./format";
import { Time } from "./Time";
import { words } from "./words";

const say = words.more;

/** Countersigned, and the last code is too old to hand it over. */
function CodeAgain({ more }: { more: MoreView }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [code, setCode] = useState("");
  const wrong = wrongCode(fault);
  const send = async () => {
    if (code.length < 6 || busy) return;
    await run(() => backend.enterCode(code));
    setCode("");
  };
  return (
    <div className="note more am" role="group" aria-label={say.codeAgain} data-testid="more" data-state={more.state}>
      <span className="grow" role="status">
        <b>{say.countersigned}</b> {say.codeAgain}
      </span>
      <CodeField value={code} onChange={setCode} onEnter={() => void send()} wrong={wrong} />
      <Button look="primary" busy={busy} isDisabled={code.length < 6} onPress={() => void send()} data-testid="more-code">
        <Time at={more.endsAt} as="clock" say={say.goOn} />
      </Button>
      {fault && !wrong ? <FaultNote fault={fault} /> : null}
    </div>
  );
}

function said(more: MoreView, asked: number | null): [ReactNode, ReactNode, ReactNode] {
  const time = more.seconds > 0 ? exactly(more.seconds) : "";
  const waits = <HourglassMediumIcon size={16} className="t3" />;
  const warns = <WarningIcon size={16} className="amber" />;
  switch (more.state) {
    case "waiting":
      return [
        waits,
        asked === null ? say.asked(time, "") : <Time key="asked" at={asked} as="ago" say={(ago) => say.asked(time, ago)} />,
        <>
          {say.waiting} <Time at={more.endsAt} as="clock" say={say.would} />
        </>,
      ];
    case "countersigned":
      return [waits, say.countersigned, say.handing];
    case "extended":
      return [
        <SealCheckIcon key="seal" size={16} className="seal" />,
        <Time key="end" at={more.endsAt} as="clock" say={say.extended} />,
        say.extendedNote,
      ];
    case "denied":
      return [warns, say.denied(time), more.why ? `“${more.why}”` : ""];
    case "withdrawn":
      return [warns, say.withdrawn, ""];
    case "expired":
      return [warns, say.expired, ""];
    default:
      return [warns, say.refused, more.why];
  }
}

/** More time that was asked for, and what became of it. */
export interface Told {
  more: MoreView;
  /** When, where that is known. */
  at?: number;
  /** Takes it back while nobody has answered. */
  onWithdraw?: () => void;
}

/** What became of the time that was asked for. */
export function More({ more, at, onWithdraw, onDismiss }: Told & { onDismiss: () => void }) {
  const now = useServerSeconds(10_000);
  if (more.state === "code-needed") return <CodeAgain more={more} />;
  const [icon, title, note] = said(more, at === undefined || now - at < 60 ? null : at);
  const over = more.state !== "waiting" && more.state !== "countersigned";
  return (
    <div className={`note more${over && more.state !== "extended" ? " am" : ""}`} data-testid="more" data-state={more.state}>
      {icon}
      <span className="grow" role="status">
        <b>{title}</b> {note}
      </span>
      {onWithdraw && more.state === "waiting" ? (
        <Button size="sm" look="quiet" onPress={onWithdraw} data-testid="withdraw">
          {words.access.withdraw}
        </Button>
      ) : null}
      {over ? (
        <Button size="sm" look="quiet" onPress={onDismiss}>
          {words.bar.dismiss}
        </Button>
      ) : null}
    </div>
  );
}
