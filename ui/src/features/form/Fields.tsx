import { CheckIcon, DotsThreeIcon, TicketIcon } from "@phosphor-icons/react";
import type { ReactNode } from "react";
import { useAppState } from "../../backend/state";
import type { OrganizationView, RequestForm } from "../../generated/bindings";
import { words } from "../../parts/words";
import { type Field, fitDuration, LONGEST, longestOf, SHORTEST } from "./check";
import { DurationChoice, ReasonChoice, ScopeChoice } from "./Choices";
import { OrganizationField } from "./OrganizationField";

const { form: say } = words;

function Line({ label, note, wrong, id, children }: { label: string; note?: string; wrong?: string; id?: string; children: ReactNode }) {
  return (
    <div className="doc">
      <div className="ml">
        <b>{id ? <label htmlFor={id}>{label}</label> : label}</b>
        {note}
      </div>
      <div>
        {children}
        {wrong ? (
          <div className="field-wrong" id={id ? `${id}-wrong` : undefined}>
            {wrong}
          </div>
        ) : null}
      </div>
    </div>
  );
}

function Hint({ met, children }: { met: boolean; children: string }) {
  const Icon = met ? CheckIcon : DotsThreeIcon;
  return (
    <span className="row gap-1">
      <Icon size={14} />
      {children}
    </span>
  );
}

interface Props {
  form: RequestForm;
  set: (change: Partial<RequestForm>) => void;
  wrong: Partial<Record<Field, string>>;
  organizations: OrganizationView[];
}

/** The rows of the form, in reading order. */
export function Fields({ form, set, wrong, organizations }: Props) {
  const { policy } = useAppState();
  const change = (part: Partial<RequestForm>) => {
    const next = { ...form, ...part };
    set({ ...part, durationSeconds: fitDuration(next.durationSeconds, longestOf(policy, next.reason, next.scope)) });
  };
  const length = [...form.justification.trim()].length;
  return (
    <>
      <Line label={say.ticket} note={say.ticketNote} id="ticket" wrong={wrong.ticket}>
        <div className="led">
          <TicketIcon size={16} aria-hidden="true" />
          <input
            id="ticket"
            data-testid="ticket"
            className="fld mono"
            autoFocus={form.ticket === ""}
            value={form.ticket}
            aria-invalid={wrong.ticket ? true : undefined}
            aria-describedby={wrong.ticket ? "ticket-wrong" : undefined}
            onChange={(event) => set({ ticket: event.target.value })}
          />
        </div>
      </Line>
      <Line label={say.organization} note={say.organizationNote} wrong={wrong.organization}>
        <OrganizationField
          list={organizations}
          value={form.organization}
          wrong={Boolean(wrong.organization)}
          onChange={(one) => set({ organization: one?.id ?? "" })}
        />
      </Line>
      <Line label={say.reason} note={say.reasonNote}>
        <ReasonChoice value={form.reason} onChange={(reason) => change({ reason })} />
      </Line>
      <Line label={say.justification} note={say.justificationNote} id="justification" wrong={wrong.justification}>
        <textarea
          id="justification"
          data-testid="justification"
          className="fld"
          rows={3}
          autoFocus={form.ticket !== ""}
          value={form.justification}
          aria-invalid={wrong.justification ? true : undefined}
          aria-describedby={wrong.justification ? "justification-wrong" : undefined}
          onChange={(event) => set({ justification: event.target.value })}
        />
        <div className="hints s12">
          <Hint met={length >= SHORTEST && length <= LONGEST}>{say.saysWhat}</Hint>
          <Hint met={form.ticket.trim() !== ""}>{say.saysTicket}</Hint>
          <span className="push t3">{say.count(length)}</span>
        </div>
      </Line>
      <Line label={say.scope} note={say.scopeNote} wrong={wrong.scope}>
        <ScopeChoice value={form.scope} onChange={(scope) => change({ scope })} policy={policy} reason={form.reason} />
      </Line>
      <Line label={say.duration} wrong={wrong.duration}>
        <DurationChoice
          value={form.durationSeconds}
          onChange={(durationSeconds) => set({ durationSeconds })}
          policy={policy}
          reason={form.reason}
          scope={form.scope}
        />
      </Line>
    </>
  );
}
