use std::time::Duration;

use domain::{Digest, OrgId, SessionId};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use wire::MFA_HEADER;
use wire::audit::{
    Events, ExportSessions, ExportedSessions, Frames, Inclusion, NewCosignature, PeriodEvidence, SessionCount,
    SessionDetail, Sessions, WhichSessions, Witnesses,
};
use wire::break_glass::Notices;
use wire::broker::SignedStatement;
use wire::event::Receipt;
use wire::forgetting::LoggedForgettings;
use wire::revealing::{NewReveal, RevealList, RevealedMarks};
use wire::watching::Part;

use crate::http::{Base, with_json};
use crate::{CallError, Credentials, LogClient};

/// A page of a Recording or an Evidence file is here within this time, over a slow link too: one that stands still is
/// given up long before.
const LONG: Duration = Duration::from_secs(30 * 60);

/// The audit service, for one signed-in person. See `wire::audit` for what each call means.
#[derive(Clone)]
pub struct AuditClient {
    base: Base,
    person: Credentials,
    /// The broker's attestation of the sign-in.
    mfa: String,
}

impl AuditClient {
    /// The same service as `log`, with the person's credentials.
    #[must_use]
    pub fn new(log: &LogClient, person: Credentials, mfa: String) -> Self {
        Self { base: log.base.clone(), person, mfa }
    }

    /// # Errors
    /// [`CallError`], as in all calls below.
    pub async fn inclusion(&self, index: u64, size: u64) -> Result<Inclusion, CallError> {
        self.get(&format!("/v1/inclusion?index={index}&size={size}")).await
    }

    /// Newest first, below `before`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn events(&self, before: Option<u64>, limit: u32) -> Result<Events, CallError> {
        let before = before.map(|b| format!("before={b}&")).unwrap_or_default();
        self.get(&format!("/v1/events?{before}limit={limit}")).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn sessions(&self, which: &WhichSessions) -> Result<Sessions, CallError> {
        self.get(&format!("/v1/sessions?{}", encoded(which))).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn count_sessions(&self, which: &WhichSessions) -> Result<SessionCount, CallError> {
        self.get(&format!("/v1/sessions/count?{}", encoded(which))).await
    }

    /// A page of an export.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn export_sessions(&self, asked: &ExportSessions) -> Result<ExportedSessions, CallError> {
        let request = self.request(Method::POST, "/v1/sessions/export")?.timeout(LONG);
        self.base.json(with_json(request, asked)?).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn session(&self, id: &SessionId) -> Result<SessionDetail, CallError> {
        self.get(&format!("/v1/sessions/{id}")).await
    }

    /// One page of a stream, from frame `from` on. `stream`: `exchanges` or `dom`.
    ///
    /// # Errors
    /// [`CallError`]; a page that does not lead on is [`CallError::Unexpected`].
    pub async fn frames(&self, id: &SessionId, stream: &str, from: u64) -> Result<Frames, CallError> {
        let path = format!("/v1/sessions/{id}/frames?stream={stream}");
        let path = if from == 0 { path } else { format!("{path}&from={from}") };
        let page: Frames = self.base.json(self.request(Method::GET, &path)?.timeout(LONG)).await?;
        if page.next.is_some_and(|next| next <= from) {
            return Err(self.base.unexpected("a page of a Recording that does not go on".into()));
        }
        Ok(page)
    }

    /// The exact JSON lines of one segment of a sealed Recording.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn segment(&self, id: &SessionId, number: u64) -> Result<Vec<u8>, CallError> {
        let path = format!("/v1/sessions/{id}/segments/{number}");
        let answer = self.base.send(self.request(Method::GET, &path)?.timeout(LONG)).await?;
        self.base.bytes(answer).await
    }

    /// Begins to watch a Session that runs; the receipt's entry names the watch.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn watch(&self, id: &SessionId) -> Result<Receipt, CallError> {
        self.base.json(self.request(Method::POST, &format!("/v1/sessions/{id}/watches"))?).await
    }

    /// What came of it from frame `from` on; answered within about a second.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn watched(&self, id: &SessionId, watch: u64, from: u64) -> Result<Part, CallError> {
        self.get(&format!("/v1/sessions/{id}/watches/{watch}?from={from}")).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn review(&self, id: &SessionId, statement: &str) -> Result<Receipt, CallError> {
        let body = SignedStatement { statement: statement.to_owned() };
        self.base.json(with_json(self.request(Method::POST, &format!("/v1/sessions/{id}/reviews"))?, &body)?).await
    }

    /// The Evidence file.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn evidence(&self, id: &SessionId) -> Result<Vec<u8>, CallError> {
        let request = self.request(Method::POST, &format!("/v1/sessions/{id}/evidence"))?.timeout(LONG);
        let answer = self.base.send(request).await?;
        self.base.bytes(answer).await
    }

    /// The Evidence file of an Organization and a period, in Unix seconds.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn period_evidence(&self, organization: &OrgId, from: i64, to: i64) -> Result<Vec<u8>, CallError> {
        let asked = PeriodEvidence { organization: organization.clone(), from, to };
        let request = self.request(Method::POST, "/v1/evidence")?.json(&asked).timeout(LONG);
        let answer = self.base.send(request).await?;
        self.base.bytes(answer).await
    }

    /// Hands in what this computer's witness key cosigned; gives what each witness saw last.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn cosign(&self, cosignature: &NewCosignature) -> Result<Witnesses, CallError> {
        self.base.json(with_json(self.request(Method::POST, "/v1/cosignatures")?, cosignature)?).await
    }

    /// What the audit service itself tells this person.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn notices(&self) -> Result<Notices, CallError> {
        self.get("/v1/notices").await
    }

    /// The Organizations that were forgotten, with what proves it.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn forgettings(&self) -> Result<LoggedForgettings, CallError> {
        self.get("/v1/forgettings").await
    }

    /// Marks that were asked for in the last day, with what proves it.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn reveals(&self) -> Result<RevealList, CallError> {
        self.get("/v1/reveals").await
    }

    /// Proposes to open marks, or countersigns that.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn sign_reveal(&self, new: &NewReveal) -> Result<Receipt, CallError> {
        self.base.json(with_json(self.request(Method::POST, "/v1/reveals")?, new)?).await
    }

    /// What the marks stand for.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn read_marks(&self, id: &Digest) -> Result<RevealedMarks, CallError> {
        self.get(&format!("/v1/reveals/{id}")).await
    }

    /// Sessions that were opened by break-glass and wait for a review.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn duties(&self) -> Result<Sessions, CallError> {
        self.get("/v1/duties").await
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, CallError> {
        self.base.json(self.request(Method::GET, path)?).await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, CallError> {
        Ok(self.person.request(&self.base, method, path)?.header(MFA_HEADER, &self.mfa))
    }
}

/// As a form writes it: what is not set is left out.
fn encoded(which: &WhichSessions) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(which) {
        for (name, value) in fields {
            match value {
                serde_json::Value::String(text) => query.append_pair(&name, &text),
                serde_json::Value::Number(number) => query.append_pair(&name, &number.to_string()),
                _ => continue,
            };
        }
    }
    query.finish()
}
