import { CaretDownIcon } from "@phosphor-icons/react";
import { useId, useState } from "react";
import { Switch } from "react-aria-components";
import type { QuietHours as Hours } from "../../generated/bindings";
import { ofDay } from "../../parts/format";
import { words } from "../../parts/words";

const say = words.settings.notify.quiet;
const HALF_HOURS = Array.from({ length: 48 }, (_, number) => number * 30);
/** What is offered to whoever turns them on. */
const NIGHT: Hours = { from: 22 * 60, until: 7 * 60 };

interface TimeProps {
  name: string;
  minutes: number;
  onChange: (minutes: number) => void;
  testid: string;
}

/** One that is kept and stands in no list is shown as it is. */
function TimeOfDay({ name, minutes, onChange, testid }: TimeProps) {
  const id = useId();
  const known = HALF_HOURS.includes(minutes) ? HALF_HOURS : [...HALF_HOURS, minutes].sort((a, b) => a - b);
  return (
    <div className="set-pair">
      <label className="lbl" htmlFor={id}>
        {name}
      </label>
      <span className="time-of-day">
        <select id={id} className="fld" value={minutes} onChange={(event) => onChange(Number(event.target.value))} data-testid={testid}>
          {known.map((one) => (
            <option key={one} value={one}>
              {ofDay(one)}
            </option>
          ))}
        </select>
        <CaretDownIcon size={14} aria-hidden="true" />
      </span>
    </div>
  );
}

interface Props {
  hours: Hours;
  onChange: (hours: Hours) => void;
}

/** From when until when nothing but alarms is shown. Two times that are the same are no hours. */
export function QuietHours({ hours, onChange }: Props) {
  const { from = 0, until = 0 } = hours;
  const some = from !== until;
  // Whoever has just made them the same is not taken the fields away from.
  const [editing, edit] = useState(false);
  return (
    <>
      <Switch
        className="switch"
        isSelected={some || editing}
        onChange={(on) => {
          edit(on);
          onChange(on ? NIGHT : { from: 0, until: 0 });
        }}
        data-testid="quiet-hours"
      >
        <span className="knob" aria-hidden="true" />
        {say.title}
      </Switch>
      {some || editing ? (
        <div className="quiet-hours" role="group" aria-label={say.title}>
          <TimeOfDay name={say.from} minutes={from} onChange={(next) => onChange({ from: next, until })} testid="quiet-from" />
          <TimeOfDay name={say.until} minutes={until} onChange={(next) => onChange({ from, until: next })} testid="quiet-until" />
          <p className="s12 t2" role="status" data-testid="quiet-said">
            {some ? say.said(ofDay(from), ofDay(until), until < from) : say.same}
          </p>
        </div>
      ) : null}
    </>
  );
}
