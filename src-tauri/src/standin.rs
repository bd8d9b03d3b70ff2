#![allow(warnings)]
use desktop::view::*;
pub struct Engine;
impl Engine {
    pub async fn state(&self) -> Result<AppState, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn join(&self, text:&str) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn begin_sign_in(&self) -> Result<SignInView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn cancel_sign_in(&self) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn begin_second_factor(&self) -> Result<SecondFactorView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn confirm_second_factor(&self, code:&str) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn enter_code(&self, code:&str) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn sign_out(&self) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn organizations(&self) -> Result<Vec<OrganizationView>, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn requests(&self, view:&str) -> Result<Vec<RequestView>, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn request(&self, id:&str) -> Result<RequestView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn sign_request(&self, form:RequestForm) -> Result<RequestView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn withdraw(&self, id:&str) -> Result<RequestView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn approve(&self, id:&str, comment:&str, code:&str) -> Result<RequestView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn deny(&self, id:&str, comment:&str) -> Result<RequestView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn enrolments(&self) -> Result<Vec<EnrolmentView>, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn enrol(&self, person:&str, device:&str) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn open_session(&self, id:&str, code:Option<String>) -> Result<DoorView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn end_session(&self, request:&str) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn doors(&self) -> Result<Vec<DoorView>, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn sessions(&self, filter:SessionFilter) -> Result<SessionPage, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn session(&self, id:&str) -> Result<SessionDetailView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn recording(&self, id:&str) -> Result<RecordingView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn review(&self, id:&str, verdict:&str, note:&str) -> Result<(), UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn entries(&self, before:Option<u32>) -> Result<Vec<EntryView>, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn check_log(&self) -> Result<LogView, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }
    pub async fn make_evidence(&self, session:&str) -> Result<String, UiError> { Err(UiError { code: String::new(), message: String::new(), next: String::new() }) }

    pub fn subscribe(&self) -> tokio::sync::broadcast::Receiver<Notice> { loop {} }
    pub fn profile(&self) -> &str { "x" }
    pub fn profile_dir(&self) -> &std::path::Path { std::path::Path::new("/tmp/x") }
    pub async fn door_access(&self, _s: &str) -> Result<DoorAccess, UiError> { loop {} }
}
pub struct DoorAccess { pub proxy_url: String, pub certificate_pem: String, pub hosts: Vec<String> }
pub async fn start(_p: &str, _d: Option<std::path::PathBuf>) -> anyhow::Result<std::sync::Arc<Engine>> { loop {} }
