import { ArrowLeftIcon, DownloadSimpleIcon, FlagIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useAction, useBackend } from "../../backend/context";
import type { SessionDetailView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { Offline, useOfflineWhy } from "../../parts/Offline";
import { go } from "../../parts/route";
import { Time, ZoneSaid } from "../../parts/Time";
import { words } from "../../parts/words";
import { ZoneSwitch } from "../../parts/ZoneSwitch";
import "./head.css";
import { Next } from "./Next";
import type { ToReview } from "./useToReview";

const say = words.replay;

/** The way back to the list. */
export function Back() {
  const icon = <ArrowLeftIcon size={16} className="flips" />;
  return <Button look="quiet" size="sm" label={say.back} shortcut="Esc" icon={icon} onPress={() => go("sessions")} />;
}

/** Which Session it is, what was found in it, and what can be done with it. */
export function Head({ detail, waiting }: { detail: SessionDetailView; waiting: ToReview }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [saved, setSaved] = useState("");
  const { session } = detail;
  return (
    <>
      <header className="head rule">
        <Back />
        <div className="of">
          <h1 className="ell" title={session.organization.name}>
            {session.organization.name}
          </h1>
          <span className="t3 ell">
            {session.name}, <Time at={session.openedAt} as="day" />, <Time at={session.openedAt} as="clock" /> {say.to}{" "}
            <Time at={session.endedAt ?? session.endsAt} as="clock" />
            <ZoneSaid />
          </span>
        </div>
        {detail.findings && detail.findings.length > 0 ? (
          <span className="tag am nw" data-testid="found-here">
            <FlagIcon size={14} aria-hidden="true" />
            {say.foundHere(detail.findings.length)}
          </span>
        ) : null}
        <span className="push" />
        <ZoneSwitch />
        <Next waiting={waiting} />
        <Button
          size="sm"
          icon={<DownloadSimpleIcon size={14} />}
          busy={busy}
          why={useOfflineWhy()}
          onPress={() => void run(async () => setSaved(await backend.makeEvidence(session.id)))}
          data-testid="make-evidence"
        >
          {say.evidence}
        </Button>
      </header>
      <Offline />
      <FaultNote fault={fault} />
      {saved ? (
        <div className="told" role="status" data-testid="evidence-saved">
          {say.saved(saved)}
        </div>
      ) : null}
    </>
  );
}
