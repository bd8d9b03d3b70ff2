import { Radio, RadioGroup } from "react-aria-components";
import "./segments.css";

interface Props<T extends string> {
  label: string;
  value: T;
  /** Each choice with its word. */
  choices: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
  testid?: string;
  /** As high as what stands beside it in a header. */
  small?: boolean;
}

/** One of a few, side by side. */
export function Segments<T extends string>({ label, value, choices, onChange, testid, small = false }: Props<T>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onChange={(next) => onChange(next as T)}
      className={small ? "segments small" : "segments"}
      orientation="horizontal"
      data-testid={testid}
    >
      {choices.map(([id, name]) => (
        <Radio key={id} value={id} className="segment" data-testid={testid ? `${testid}-${id}` : undefined}>
          {name}
        </Radio>
      ))}
    </RadioGroup>
  );
}
