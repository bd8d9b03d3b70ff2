import { WarningIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { useServerSeconds } from "../../backend/clock";
import type { RequestView } from "../../generated/bindings";
import { duration, exactly, utc } from "../../parts/format";
import { Scope } from "../../parts/Scope";
import { Tally, tallyOf } from "../../parts/Tally";
import { words } from "../../parts/words";
import "./inbox.css";
import { count } from "./signals";

function Item({ request, now }: { request: RequestView; now: number }) {
  const stop = count(request.signals, "stop");
  const look = count(request.signals, "look");
  return (
    <>
      <Tally state={tallyOf(request.state)} size={17} />
      <div>
        <div className="row">
          <b className="ell grow">{request.organization.name}</b>
          <span className="s11 t3" title={utc(request.left.at)}>
            {duration(now - request.left.at)}
          </span>
        </div>
        <div className="line s12">
          <Scope scope={request.scope} />
          {request.extends ? (
            <span className="medium">{words.more.short(exactly(request.extends.moreSeconds))}</span>
          ) : (
            <span className="t2">{exactly(request.durationSeconds)}</span>
          )}
        </div>
        <div className="s12 t2 ell">
          {request.left.name}, {(words.reason[request.reason] ?? request.reason).toLowerCase()}
        </div>
        {stop > 0 ? (
          <div className="row gap-1 s12 red medium">
            <WarningOctagonIcon size={14} />
            {words.approvals.stop(stop)}
          </div>
        ) : null}
        {look > 0 && request.state === "waiting" ? (
          <div className="row gap-1 s12 amber medium">
            <WarningIcon size={14} />
            {words.approvals.look(look)}
          </div>
        ) : null}
      </div>
    </>
  );
}

interface Props {
  requests: RequestView[];
  selected: string | null;
  onSelect: (id: string) => void;
}

/** Requests, oldest first. Nothing can be signed from here. */
export function Inbox({ requests, selected, onSelect }: Props) {
  const now = useServerSeconds(10_000);
  return (
    <ListBox
      aria-label={words.approvals.title}
      className="inbox-list scroll"
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={selected ? [selected] : []}
      onSelectionChange={(keys) => keys !== "all" && [...keys].forEach((key) => onSelect(String(key)))}
    >
      {requests.map((request) => (
        <ListBoxItem
          key={request.id}
          id={request.id}
          textValue={`${request.extends ? `${words.more.badge}, ` : ""}${request.organization.name}, ${words.scope[request.scope]}, ${request.left.name}`}
          className="it"
          data-testid={`row-${request.id}`}
        >
          <Item request={request} now={now} />
        </ListBoxItem>
      ))}
    </ListBox>
  );
}
