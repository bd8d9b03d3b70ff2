//! What the windows show: plain values for the UI, exported to TypeScript. Times are Unix seconds unless the name
//! ends in `_ms`. Numbers fit JavaScript's.

mod app;
mod break_glass;
mod factor;
mod forgetting;
mod notice;
mod policy;
mod replay;
mod request;
mod revealing;
mod session;
mod status;

pub use app::{
    AppState, DeviceView, EnrolledDeviceView, EnrolmentView, OwnDeviceView, PersonView, RevokedKeyView, RevokedView,
    SetupStep, SignInView,
};
pub use break_glass::{BreakGlassNotice, BreakGlassUseView, PermissionForm, PermissionView, PermissionsView};
pub use factor::{FactorView, RecoveryCodesView, SecondFactorView};
pub use forgetting::{ForgettingView, ForgettingsView, ForgottenSessionView};
pub use notice::{Notice, UiError};
pub use policy::{
    AdoptedPolicyView, AllowsMoreView, OrganizationView, PoliciesView, PolicyLastMonthView, PolicyRuleView, PolicyView,
    ProposedPolicyView, TermsView,
};
pub use replay::{ExchangeView, GapView, PageView, RecordingCheck, RecordingView, ResourceView, WatchedView};
pub use request::{ExtendsView, RequestForm, RequestView, SignalView, SignatureCheck, SignatureView};
pub use revealing::{OriginalView, RevealView};
pub use session::{
    DoorView, EndedForView, ExportView, FindingCounts, FindingView, MoreState, MoreView, ProofView, ReviewView,
    SessionCountView, SessionDetailView, SessionFilter, SessionPage, SessionView,
};
pub use status::{
    CheckpointView, ContradictionView, EntryView, Link, LogVerdict, LogView, StatusView, WitnessKind, WitnessView,
};
