import { CheckIcon, FileTextIcon, InfoIcon, MonitorPlayIcon, ProhibitIcon, TerminalWindowIcon } from "@phosphor-icons/react";
import type { PolicyView, RequestForm } from "../../generated/bindings";
import { duration } from "../../parts/format";
import { words } from "../../parts/words";
import { ruleOf } from "./check";

const { form: say } = words;

/** What happens when the form is signed. */
export function Preview({ form, policy, organization }: { form: RequestForm; policy: PolicyView; organization: string }) {
  const rule = ruleOf(policy, form.reason, form.scope);
  const allowed = rule !== null && rule.maxDurationSeconds >= form.durationSeconds;
  return (
    <aside className="prev scroll" aria-live="polite" data-pane="preview">
      <h2>{say.happens}</h2>
      <section className="blk">
        <h3>{say.who}</h3>
        <p className="s12 t2">
          {say.approvals(rule?.approvals ?? 1)} {say.never}
        </p>
      </section>
      <section className="blk">
        <h3>{say.recorded}</h3>
        <ul>
          {[
            [MonitorPlayIcon, say.pages] as const,
            [TerminalWindowIcon, say.requests(organization)] as const,
            [FileTextIcon, say.this] as const,
          ].map(([Icon, text]) => (
            <li key={text} className="pt">
              <Icon size={14} className="ink" />
              {text}
            </li>
          ))}
        </ul>
      </section>
      <section className="blk">
        <h3>{say.policy}</h3>
        <ul>
          <li className="pt">
            {allowed && rule ? <CheckIcon size={14} className="seal" /> : <ProhibitIcon size={14} className="red" />}
            {allowed && rule
              ? say.allows(words.scope[form.scope] ?? "", duration(rule.maxDurationSeconds), words.reason[form.reason] ?? "")
              : rule?.refusal || say.forbids}
          </li>
          <li className="pt">
            <InfoIcon size={14} />
            <span>
              {say.seal} <span className="mono">{policy.digest.slice(0, 8)}</span>
            </span>
          </li>
        </ul>
      </section>
    </aside>
  );
}
