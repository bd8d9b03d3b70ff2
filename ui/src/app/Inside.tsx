import { EyeSlashIcon } from "@phosphor-icons/react";
import { type ReactNode, Suspense } from "react";
import { useAppState } from "../backend/state";
import { Boundary } from "../parts/Boundary";
import { Empty, Skeleton } from "../parts/Empty";
import { Offline } from "../parts/Offline";
import { holds } from "../parts/holds";
import { usePreferences } from "../parts/preferences";
import type { Route } from "../parts/route";
import { TimeZone } from "../parts/Time";
import { words } from "../parts/words";
import { Access } from "../screens/Access";
import { Approvals, AuditLog, Live, Policy, Replay, RequestAccess, Sessions, Settings } from "./pages";
import { Shell } from "./Shell";

/** Whoever approves nothing may still look at a request of their own by its link; whoever reviews countersigns there that marks are opened. */
function MayApprove({ id, children }: { id: string; children: ReactNode }) {
  const { person } = useAppState();
  const approves = holds(person, "approver", "reviewer", "administrator");
  if (approves || id) return children;
  return (
    <>
      <header className="head rule">
        <h1>{words.approvals.title}</h1>
      </header>
      <Empty icon={<EyeSlashIcon size={20} />} title={words.approvals.mayNot} note={words.approvals.mayNotNote} />
    </>
  );
}

function Page({ page, part, query }: Route) {
  switch (page) {
    case "request":
      return <RequestAccess key={query.toString()} />;
    case "approvals":
      return (
        <>
          <Offline />
          <MayApprove id={part}>
            <Approvals id={part} view={query.has("decided") ? "decided" : "inbox"} />
          </MayApprove>
        </>
      );
    case "live":
      return <Live />;
    case "sessions":
      return <Sessions id={part} query={query} />;
    case "replay":
      return <Replay key={part} id={part} />;
    case "policy":
      return <Policy />;
    case "settings":
      return <Settings part={part} />;
    case "log":
      return <AuditLog tab={part} />;
    default:
      return <Access />;
  }
}

/** What is read beside what others wrote down elsewhere, in UTC. */
const inBothZones = ["replay", "log"];

/** The pages of whoever is signed in. The whole window shows one zone, the clock of its status bar too. */
export function Inside({ route }: { route: Route }) {
  const { zone } = usePreferences();
  return (
    <TimeZone value={inBothZones.includes(route.page) ? zone : "local"}>
      <Shell page={route.page}>
        <Boundary at={`${route.page}/${route.part}`}>
          <Suspense fallback={<Skeleton rows={6} label={words.loading} />}>
            <Page page={route.page} part={route.part} query={route.query} />
          </Suspense>
        </Boundary>
      </Shell>
    </TimeZone>
  );
}
