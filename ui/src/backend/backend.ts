import type {
  AppState,
  Asked,
  DoorView,
  EnrolledDeviceView,
  EnrolmentView,
  EntryView,
  ExportView,
  LogView,
  Move,
  Notice,
  Notifications,
  OrganizationView,
  OwnDeviceView,
  OriginalView,
  PoliciesView,
  PolicyLastMonthView,
  RecoveryCodesView,
  RecordingView,
  RequestForm,
  RequestView,
  RevealView,
  RevokedView,
  SecondFactorView,
  SessionCountView,
  SessionDetailView,
  SessionFilter,
  SessionPage,
  SessionView,
  SignInView,
  Theme,
  UiError,
  WatchedView,
} from "../generated/bindings";
import type { RequestList, ReviewVerdict } from "./wire";

/** Every session, the newest first. */
export const everySession: SessionFilter = {
  organization: null,
  person: null,
  scope: null,
  from: null,
  to: null,
  tokens: [],
  text: "",
  order: "newest",
  cursor: null,
};

/** Everything a window may ask, one method a command. A refusal is thrown as a [`Fault`]. */
export interface Backend {
  state(): Promise<AppState>;
  join(text: string): Promise<void>;
  beginSignIn(): Promise<SignInView>;
  cancelSignIn(): Promise<void>;
  openUrl(url: string): Promise<void>;
  beginSecondFactor(): Promise<SecondFactorView>;
  confirmSecondFactor(code: string): Promise<RecoveryCodesView>;
  /** With a code of the app that there is, or a recovery code. */
  replaceSecondFactor(code: string): Promise<SecondFactorView>;
  makeRecoveryCodes(code: string): Promise<RecoveryCodesView>;
  resetFactor(person: string, reason: string, code: string): Promise<void>;
  enterCode(code: string): Promise<void>;
  signOut(): Promise<void>;
  /** Another key in the place of this computer's, once that one was revoked; signs out. */
  newKey(): Promise<void>;
  organizations(): Promise<OrganizationView[]>;
  requests(view: RequestList): Promise<RequestView[]>;
  request(id: string): Promise<RequestView>;
  signRequest(form: RequestForm): Promise<RequestView>;
  withdraw(id: string): Promise<RequestView>;
  approve(id: string, comment: string, code: string): Promise<RequestView>;
  deny(id: string, comment: string): Promise<RequestView>;
  enrolments(): Promise<EnrolmentView[]>;
  devices(): Promise<EnrolledDeviceView[]>;
  ownDevices(): Promise<OwnDeviceView[]>;
  policies(): Promise<PoliciesView>;
  policyLastMonth(text: string): Promise<PolicyLastMonthView>;
  adoptPolicy(text: string, comment: string, code: string): Promise<PoliciesView>;
  revokeGrant(request: string, reason: string): Promise<RevokedView>;
  revokeDevice(device: string, reason: string, code: string): Promise<RevokedView>;
  revokePerson(person: string, reason: string, code: string): Promise<RevokedView>;
  enrol(person: string, device: string, code: string): Promise<void>;
  openSession(id: string, code: string | null): Promise<DoorView>;
  /** Asks for so many more seconds in the open Session of a request. */
  askForMore(request: string, seconds: number, code: string | null): Promise<RequestView>;
  endSession(request: string): Promise<void>;
  showSession(session: string): Promise<void>;
  moveSession(session: string, to: Move): Promise<void>;
  doors(): Promise<DoorView[]>;
  sessions(filter: SessionFilter): Promise<SessionPage>;
  countSessions(filter: SessionFilter): Promise<SessionCountView>;
  /** Writes exactly that list into a file; tells how far it is. */
  exportSessions(filter: SessionFilter): Promise<ExportView>;
  cancelExport(): Promise<void>;
  session(id: string): Promise<SessionDetailView>;
  recording(id: string): Promise<RecordingView>;
  /** Begins to watch a Session that runs; the person inside sees it. */
  watchSession(id: string): Promise<WatchedView>;
  /** What came of it since; answered within about a second. */
  watched(id: string): Promise<WatchedView>;
  stopWatching(id: string): Promise<void>;
  runningSessions(organization: string | null, person: string | null): Promise<SessionView[]>;
  /** Ends exactly these, whoever is inside. */
  endSessions(sessions: string[], reason: string, code: string): Promise<RevokedView>;
  review(id: string, verdict: ReviewVerdict, note: string): Promise<void>;
  /** That marks were asked for in the last day. */
  reveals(): Promise<RevealView[]>;
  proposeReveal(session: string, marks: string[], justification: string, code: string): Promise<RevealView>;
  countersignReveal(id: string, code: string): Promise<RevealView>;
  /** What marks stand for. Whoever shows it keeps it nowhere; each time is an entry in the log. */
  readMarks(id: string): Promise<OriginalView[]>;
  entries(before: number | null): Promise<EntryView[]>;
  checkLog(): Promise<LogView>;
  makeEvidence(session: string): Promise<string>;
  /** Gives this session window's bar another height. */
  fitBar(height: number): Promise<void>;
  /** Puts this session window away; its Session goes on. */
  putAway(): Promise<void>;
  /** Closes this session window, whose Session is over. */
  closeWindow(): Promise<void>;
  /** The theme of all windows, now and at the next start. */
  setTheme(theme: Theme): Promise<void>;
  /** Which notifications are wanted on this computer. */
  notifications(): Promise<Notifications>;
  setNotifications(wanted: Notifications): Promise<void>;
  quit(): Promise<void>;
  stay(): Promise<void>;
  /** Calls `hear` for what the shell asks of its pages, until the returned function is called. */
  asked(hear: (asked: Asked) => void): () => void;
  /** Calls `hear` for every notice until the returned function is called. */
  listen(hear: (notice: Notice) => void): () => void;
  /** Where the page that rebuilds recorded pages is served from. */
  playerAddress(): string;
}

/** A refusal or failure that a person is told about: what failed, and what to do next. */
export class Fault extends Error {
  constructor(readonly view: UiError) {
    super(view.message);
  }
}

export function faultOf(thrown: unknown): UiError {
  if (thrown instanceof Fault) return thrown.view;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "unexpected", message, next: "Copy the details and send them to whoever runs Countersign." };
}
