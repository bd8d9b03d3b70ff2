import type {
  AppState,
  Asked,
  DoorView,
  EnrolledDeviceView,
  EnrolmentView,
  EntryView,
  ForgottenSessionView,
  Notifications,
  OrganizationView,
  OwnDeviceView,
  PoliciesView,
  PolicyLastMonthView,
  RecordingView,
  RequestView,
  RevealView,
  SessionCountView,
  SessionDetailView,
  SessionView,
  UiError,
} from "../../generated/bindings";

/** What the fake engine knows. */
export interface World {
  state: AppState;
  organizations: OrganizationView[];
  mine: RequestView[];
  inbox: RequestView[];
  decided: RequestView[];
  enrolments: EnrolmentView[];
  devices: EnrolledDeviceView[];
  /** This one and others of whoever is signed in. */
  ownDevices: OwnDeviceView[];
  policies: PoliciesView;
  /** What a proposed policy would have changed. */
  lastMonth: PolicyLastMonthView;
  doors: DoorView[];
  sessions: SessionView[];
  forgotten: ForgottenSessionView[];
  entries: EntryView[];
  /** That marks were asked for. */
  reveals: RevealView[];
  detail: Partial<SessionDetailView>;
  recording: Partial<RecordingView>;
  /** As many sessions as one answer has. */
  pageOf: number;
  /** What every count says; nothing when it is counted. */
  counted: SessionCountView | null;
  /** An export goes on until it is cancelled. */
  exportsForEver: boolean;
  needsCode: boolean;
  /** The gateway has not been told who watches. */
  untold: boolean;
  /** It does not hear of what ends. */
  gatewayAway: boolean;
  qrSvg: string;
  /** Which notifications are wanted. */
  notifications: Notifications;
  /** Calls that fail. */
  faults: Record<string, UiError>;
  /** Calls that never answer. */
  never: string[];
  /** What the shell asks as soon as somebody listens. */
  asked: Asked | null;
}

/** The usual failure. */
export const away: UiError = {
  code: "unreachable",
  message: "The audit service does not answer. Nothing was changed.",
  next: "Wait a moment and try again. If it lasts, tell whoever runs Countersign.",
};
