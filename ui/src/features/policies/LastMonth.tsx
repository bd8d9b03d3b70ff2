import { ClockCounterClockwiseIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { useBackend, useLoaded } from "../../backend/context";
import { useAppState } from "../../backend/state";
import type { PolicyLastMonthView, ProposedPolicyView } from "../../generated/bindings";
import { Button } from "../../parts/Button";
import { Failed } from "../../parts/Failed";
import { thousands } from "../../parts/format";
import { holds } from "../../parts/holds";
import { useOfflineWhy } from "../../parts/Offline";
import { words } from "../../parts/words";

const say = words.policy.lastMonth;

/** What a proposed policy would have changed in the last 30 days. Reading the log for it takes a while, and is asked for. */
export function LastMonth({ one }: { one: ProposedPolicyView }) {
  const { person } = useAppState();
  const why = useOfflineWhy();
  const [asked, setAsked] = useState(false);
  if (!holds(person, "reviewer")) return <p className="s12 t2">{say.note}</p>;
  if (asked) return <Looked one={one} />;
  return (
    <Button
      size="sm"
      icon={<ClockCounterClockwiseIcon size={16} />}
      isDisabled={why !== undefined}
      why={why}
      onPress={() => setAsked(true)}
      data-testid="last-month"
    >
      {say.look}
    </Button>
  );
}

function Looked({ one }: { one: ProposedPolicyView }) {
  const backend = useBackend();
  const { value, fault, loading, reload } = useLoaded(() => backend.policyLastMonth(one.text), `last month under ${one.digest}`);
  if (fault && !loading) return <Failed fault={fault} again={reload} />;
  return (
    <p className="s12" role="status" data-testid="last-month-said">
      {value ? inWords(value) : say.loading}
    </p>
  );
}

function inWords({ requests, notAsked, ...changed }: PolicyLastMonthView): string {
  const kinds = ["refused", "allowed", "more", "fewer"] as const;
  const changes = kinds.filter((kind) => changed[kind] > 0).map((kind) => say[kind](thousands(changed[kind])));
  if (requests === 0) return notAsked > 0 ? say.onlyNotAsked : say.none;
  const said = changes.length ? say.said(changes.join(say.and)) : say.same(thousands(requests));
  return notAsked > 0 ? `${said} ${say.notAsked(thousands(notAsked))}` : said;
}
