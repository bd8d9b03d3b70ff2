use std::time::Duration;

use domain::{Digest, Organization};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use statement::MfaPurpose;
use wire::break_glass::{NewPermission, PermissionList};
use wire::broker::{
    Attestation, Code, Confirmed, DeviceView, LocalRefusal, Materials, Me, NewDecision, NewEnrolment, NewReset,
    NewRevocation, OldCode, OwnDevice, PendingEnrolment, RecoveryCodes, ReplacedWith, Replacement, RequestView,
    SecondFactorStart, SignedStatement,
};
use wire::forgetting::{ForgettingList, NewForgetting};
use wire::policies::{NewPolicy, PolicyList};

use crate::http::{Base, build, builder, with_json};
use crate::{CallError, Credentials, Pushes};

const TIMEOUT: Duration = Duration::from_secs(20);

/// The broker, for one signed-in person. See `wire::broker` for what each call means.
#[derive(Clone)]
pub struct BrokerClient {
    base: Base,
    person: Credentials,
}

impl BrokerClient {
    /// For the broker at `base_url`, whose certificate `ca_pem` signed.
    ///
    /// # Errors
    /// [`CallError::Unmade`].
    pub fn new(base_url: &str, ca_pem: &str, person: Credentials) -> Result<Self, CallError> {
        Ok(Self { base: Base::new(build(builder(ca_pem)?)?, base_url), person })
    }

    /// # Errors
    /// [`CallError`], as in all calls below.
    pub async fn me(&self) -> Result<Me, CallError> {
        self.get("/v1/me").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn begin_second_factor(&self) -> Result<SecondFactorStart, CallError> {
        self.post("/v1/second-factor", &serde_json::json!({})).await
    }

    /// # Errors
    /// [`CallError`]; a wrong code is refused.
    pub async fn confirm_second_factor(&self, code: &str) -> Result<Confirmed, CallError> {
        let code = Code { code: code.to_owned(), purpose: MfaPurpose::SignIn, statement: None };
        self.post("/v1/second-factor/confirm", &code).await
    }

    /// Begins another second factor in the place of the one that there is.
    ///
    /// # Errors
    /// [`CallError`]; a wrong or used code is refused.
    pub async fn replace_second_factor(&self, with: ReplacedWith, code: &str) -> Result<SecondFactorStart, CallError> {
        self.post("/v1/second-factor/replace", &Replacement { with, code: code.to_owned() }).await
    }

    /// Fresh recovery codes; those of before are void.
    ///
    /// # Errors
    /// [`CallError`]; a wrong or used code is refused.
    pub async fn make_recovery_codes(&self, code: &str) -> Result<RecoveryCodes, CallError> {
        self.post("/v1/recovery-codes", &OldCode { code: code.to_owned() }).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn reset_factor(&self, statement: &str, mfa: Option<String>) -> Result<(), CallError> {
        self.post("/v1/factor-resets", &NewReset { statement: statement.to_owned(), mfa }).await
    }

    /// A code for the sign-in, or for exactly one statement.
    ///
    /// # Errors
    /// [`CallError`]; a wrong or used code is refused.
    pub async fn code(&self, code: &str, statement: Option<&Digest>) -> Result<Attestation, CallError> {
        let purpose = if statement.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
        self.post("/v1/codes", &Code { code: code.to_owned(), purpose, statement: statement.cloned() }).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn enrolments(&self) -> Result<Vec<PendingEnrolment>, CallError> {
        self.get("/v1/enrolments").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn enrol(&self, statement: &str, mfa: Option<String>) -> Result<(), CallError> {
        self.post("/v1/enrolments", &NewEnrolment { statement: statement.to_owned(), mfa }).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn devices(&self) -> Result<Vec<DeviceView>, CallError> {
        self.get("/v1/devices").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn own_devices(&self) -> Result<Vec<OwnDevice>, CallError> {
        self.get("/v1/me/devices").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn revoke(&self, statement: &str, mfa: Option<String>) -> Result<(), CallError> {
        self.post("/v1/revocations", &NewRevocation { statement: statement.to_owned(), mfa }).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn policies(&self) -> Result<PolicyList, CallError> {
        self.get("/v1/policies").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn sign_policy(&self, text: &str, statement: &str, mfa: Option<String>) -> Result<PolicyList, CallError> {
        let policy = NewPolicy { text: text.to_owned(), statement: statement.to_owned(), mfa };
        self.post("/v1/policies", &policy).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn permissions(&self) -> Result<PermissionList, CallError> {
        self.get("/v1/break-glass").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn sign_permission(&self, statement: &str, mfa: Option<String>) -> Result<PermissionList, CallError> {
        self.post("/v1/break-glass", &NewPermission { statement: statement.to_owned(), mfa }).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn forgettings(&self) -> Result<ForgettingList, CallError> {
        self.get("/v1/forgettings").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn sign_forgetting(&self, statement: &str, mfa: Option<String>) -> Result<ForgettingList, CallError> {
        self.post("/v1/forgettings", &NewForgetting { statement: statement.to_owned(), mfa }).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn organizations(&self) -> Result<Vec<Organization>, CallError> {
        self.get("/v1/organizations").await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn send_request(&self, statement: &str) -> Result<RequestView, CallError> {
        self.post("/v1/requests", &SignedStatement { statement: statement.to_owned() }).await
    }

    /// `view`: `mine`, `inbox` or `decided`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn requests(&self, view: &str) -> Result<Vec<RequestView>, CallError> {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("view", view).finish();
        self.get(&format!("/v1/requests?{query}")).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn request(&self, id: &Digest) -> Result<RequestView, CallError> {
        self.get(&format!("/v1/requests/{id}")).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn decide(&self, id: &Digest, statement: &str, mfa: Option<String>) -> Result<RequestView, CallError> {
        let decision = NewDecision { statement: statement.to_owned(), mfa };
        self.post(&format!("/v1/requests/{id}/decisions"), &decision).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn withdraw(&self, id: &Digest, statement: &str) -> Result<RequestView, CallError> {
        let body = SignedStatement { statement: statement.to_owned() };
        self.post(&format!("/v1/requests/{id}/withdraw"), &body).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn materials(&self, id: &Digest) -> Result<Materials, CallError> {
        self.get(&format!("/v1/requests/{id}/materials")).await
    }

    /// Tells what this desktop refused by itself, so that it stands in the log.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn report_refusal(&self, refusal: &LocalRefusal) -> Result<(), CallError> {
        self.post("/v1/refusals", refusal).await
    }

    /// One connection of the broker's server-sent events, until it breaks; whoever follows it connects again.
    ///
    /// # Errors
    /// [`CallError`] when it does not begin.
    pub async fn pushes(&self) -> Result<Pushes, CallError> {
        let request = self.person.request(&self.base, Method::GET, "/v1/stream")?.header("accept", "text/event-stream");
        let answer = tokio::time::timeout(TIMEOUT, self.base.send(request))
            .await
            .map_err(|_| CallError::Unreachable { service: self.base.address.clone(), why: "no answer in time" })??;
        Ok(Pushes::new(self.base.clone(), answer))
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, CallError> {
        self.base.json(self.person.request(&self.base, Method::GET, path)?.timeout(TIMEOUT)).await
    }

    async fn post<B: Serialize + Sync, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, CallError> {
        let request = self.person.request(&self.base, Method::POST, path)?.timeout(TIMEOUT);
        self.base.json(with_json(request, body)?).await
    }
}
