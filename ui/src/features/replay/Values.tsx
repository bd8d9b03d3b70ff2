import { EyeIcon, EyeSlashIcon } from "@phosphor-icons/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useServerSeconds } from "../../backend/clock";
import { useAction, useBackend } from "../../backend/context";
import type { OriginalView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Countdown } from "../../parts/Countdown";
import { FaultNote } from "../../parts/FaultNote";
import { useOfflineWhy } from "../../parts/Offline";
import { revealWords as say } from "../../parts/revealWords";

/**
 * What marks stand for, as long as it may be read. It is here and nowhere else: what comes after it was hidden, after the time or
 * after the page was left is let go unseen.
 */
export function Values({ id, until }: { id: string; until: number }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [values, setValues] = useState<OriginalView[] | null>(null);
  const turn = useRef(0);
  const offline = useOfflineWhy();
  const over = until - useServerSeconds() <= 0;
  const hide = useCallback(() => {
    turn.current += 1;
    setValues(null);
  }, []);
  useEffect(() => {
    if (over) hide();
  }, [over, hide]);
  useEffect(() => {
    const left = () => document.hidden && hide();
    document.addEventListener("visibilitychange", left);
    return () => {
      document.removeEventListener("visibilitychange", left);
      hide();
    };
  }, [hide]);
  const show = async () => {
    const mine = ++turn.current;
    const given = await run(() => backend.readMarks(id));
    if (given && mine === turn.current && !document.hidden) setValues(given);
  };
  if (over) {
    return (
      <div data-testid="reveal-over">
        <b>{say.over}</b>
        <p className="s12 t2">{say.overNote}</p>
      </div>
    );
  }
  return (
    <div className="col gap-2" data-testid="reveal-open">
      <div className="row gap-2">
        <b className="seal">{say.open}</b>
        <Countdown endsAt={until} />
        <span className="push">
          {values ? (
            <Button size="sm" icon={<EyeSlashIcon size={14} />} onPress={hide} data-testid="hide-values">
              {say.hide}
            </Button>
          ) : (
            <Button size="sm" icon={<EyeIcon size={14} />} busy={busy} why={offline} onPress={show} data-testid="show-values">
              {say.show}
            </Button>
          )}
        </span>
      </div>
      <FaultNote fault={fault} />
      {values ? (
        <>
          <dl className="values" aria-label={say.values} data-testid="values">
            {values.map((one) => (
              <div key={one.mark}>
                <dt className="mono s11 t3">{say.mark(one.rule, one.mark)}</dt>
                <dd>
                  <bdi>{one.value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
          <p className="s11 t3">{values.length === 0 ? say.gone : say.valuesNote}</p>
        </>
      ) : null}
    </div>
  );
}
