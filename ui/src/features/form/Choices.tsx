import { ChatTextIcon, GearSixIcon, IdentificationCardIcon, ShieldWarningIcon, StampIcon } from "@phosphor-icons/react";
import type { ReactNode } from "react";
import { Radio, RadioGroup } from "react-aria-components";
import { type ReasonCategory, reasons, scopes } from "../../backend/wire";
import type { PolicyView } from "../../generated/bindings";
import { duration } from "../../parts/format";
import { Scope } from "../../parts/Scope";
import { words } from "../../parts/words";
import { byDigit } from "./digits";
import { durations, longestOf, ruleOf } from "./check";

const icons: Record<ReasonCategory, ReactNode> = {
  "customer-reported-problem": <ChatTextIcon size={16} />,
  "security-incident": <ShieldWarningIcon size={16} />,
  "legal-disclosure": <StampIcon size={16} />,
  maintenance: <GearSixIcon size={16} />,
  "data-subject-request": <IdentificationCardIcon size={16} />,
};

interface GroupProps {
  value: string;
  onChange: (value: string) => void;
}

export function ReasonChoice({ value, onChange }: GroupProps) {
  return (
    <div onKeyDown={byDigit(reasons, () => true, onChange)}>
      <RadioGroup aria-label={words.form.reason} value={value} onChange={onChange} className="cat" orientation="horizontal">
        {reasons.map((reason) => (
          <Radio key={reason} value={reason} className="choice" data-testid={`reason-${reason}`}>
            {icons[reason]}
            <span>{words.reason[reason]}</span>
          </Radio>
        ))}
      </RadioGroup>
    </div>
  );
}

export function ScopeChoice({ value, onChange, policy, reason }: GroupProps & { policy: PolicyView; reason: string }) {
  return (
    <div onKeyDown={byDigit(scopes, (scope) => (ruleOf(policy, reason, scope)?.maxDurationSeconds ?? 0) > 0, onChange)}>
      <RadioGroup aria-label={words.form.scope} value={value} onChange={onChange} className="sco" orientation="horizontal">
        {scopes.map((scope) => {
          const rule = ruleOf(policy, reason, scope);
          const allowed = (rule?.maxDurationSeconds ?? 0) > 0;
          return (
            <Radio
              key={scope}
              value={scope}
              isDisabled={!allowed}
              className={allowed ? "choice" : "choice hatched"}
              data-testid={`scope-${scope}`}
            >
              <b>
                <Scope scope={scope} muted={!allowed} />
              </b>
              <span>{allowed ? words.scopeMeans[scope] : rule?.refusal || words.form.notForReason}</span>
            </Radio>
          );
        })}
      </RadioGroup>
    </div>
  );
}

interface DurationProps {
  value: number;
  onChange: (value: number) => void;
  policy: PolicyView;
  reason: string;
  scope: string;
}

export function DurationChoice({ value, onChange, policy, reason, scope }: DurationProps) {
  const longest = longestOf(policy, reason, scope);
  return (
    <div
      className="row gap-2 durs"
      onKeyDown={byDigit(
        durations.map(String),
        (seconds) => Number(seconds) <= longest,
        (next) => onChange(Number(next)),
      )}
    >
      <RadioGroup
        aria-label={words.form.duration}
        value={String(value)}
        onChange={(next) => onChange(Number(next))}
        className="dur"
        orientation="horizontal"
      >
        {durations.map((seconds) => (
          <Radio
            key={seconds}
            value={String(seconds)}
            isDisabled={seconds > longest}
            className={seconds > longest ? "choice hatched" : "choice"}
            data-testid={`duration-${seconds}`}
          >
            {duration(seconds)}
          </Radio>
        ))}
      </RadioGroup>
      {longest > 0 ? <span className="s12 t3">{words.form.upTo(duration(longest))}</span> : null}
    </div>
  );
}
