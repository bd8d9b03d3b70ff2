use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Digest, OrgId, Scope, SessionId, UnixSeconds};
use identity::ProviderSource;
use reqwest::{Certificate, Client};
use statement::{Bundle, KnownKeys, PkToken};
use tokio::sync::{Mutex, RwLock};
use wire::gateway::{AssertionClaims, ServiceProof};

use super::{Admission, AssertionKeys, Distrust, Pinned, Proof};

const MAX_ANSWER: usize = 1024 * 1024;
const PAUSE_SECONDS: i64 = 2;
/// More live Sessions than this are not remembered; each request of the others is verified anew.
const REMEMBERED: usize = 1000;

/// Lets requests in: asks the gateway for its keys and, once a Session, for the proof; and the issuer for its own keys.
pub struct Source {
    pinned: Pinned,
    audience: String,
    gateway: String,
    http: Client,
    issuer: ProviderSource,
    clock: Arc<dyn Clock>,
    keys: RwLock<AssertionKeys>,
    /// When the gateway was last asked for its keys; held while it is being asked.
    asked_at: Mutex<Option<UnixSeconds>>,
    admitted: Mutex<HashMap<(SessionId, Digest), Admission>>,
}

impl Source {
    /// # Errors
    /// When the CA is not PEM.
    pub fn new(
        pinned: Pinned,
        audience: &str,
        gateway: &str,
        ca_pem: &[u8],
        issuer: ProviderSource,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let http = Client::builder()
            .tls_certs_only(Certificate::from_pem_bundle(ca_pem)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()?;
        Ok(Self {
            pinned,
            audience: audience.to_owned(),
            gateway: gateway.trim_end_matches('/').to_owned(),
            http,
            issuer,
            clock,
            keys: RwLock::default(),
            asked_at: Mutex::default(),
            admitted: Mutex::default(),
        })
    }

    /// Whether this assertion opens `organization` (any, for what all share) for what needs `scope`.
    ///
    /// # Errors
    /// [`Distrust`] naming the first check that failed.
    pub async fn admit(
        &self,
        assertion: &str,
        organization: Option<&OrgId>,
        scope: Scope,
    ) -> Result<Admission, Distrust> {
        let claims = self.verify(assertion).await?;
        if organization.is_some_and(|id| *id != claims.organization) {
            return Err(Distrust::OtherOrganization);
        }
        let admission = self.admission(assertion, &claims).await?;
        if admission.organization != claims.organization {
            return Err(Distrust::OtherOrganization);
        }
        if claims.scope != admission.scope || admission.scope < scope {
            return Err(Distrust::OutOfScope);
        }
        if self.clock.now() >= admission.ends_at {
            return Err(Distrust::Over);
        }
        Ok(admission)
    }

    async fn verify(&self, assertion: &str) -> Result<AssertionClaims, Distrust> {
        if !self.keys.read().await.know(assertion) {
            self.ask_for_keys(assertion).await?;
        }
        self.keys.read().await.verify(assertion, &self.pinned.trust.gateway_id, &self.audience, &*self.clock)
    }

    /// One call at a time, and none for whoever finds the key there by the time it is their turn.
    async fn ask_for_keys(&self, assertion: &str) -> Result<(), Distrust> {
        let mut asked_at = self.asked_at.lock().await;
        let now = self.clock.now();
        let may_ask = asked_at.is_none_or(|at| now >= at + PAUSE_SECONDS);
        if may_ask && !self.keys.read().await.know(assertion) {
            *asked_at = Some(now);
            let keys = AssertionKeys::from_jwks(&self.get("/v1/jwks", None).await?)?;
            *self.keys.write().await = keys;
        }
        Ok(())
    }

    async fn admission(&self, assertion: &str, claims: &AssertionClaims) -> Result<Admission, Distrust> {
        let name = (claims.session.clone(), claims.bundle.clone());
        let now = self.clock.now();
        // One whose end has come may have been extended since: then the gateway has more to show.
        if let Some(admission) = self.admitted.lock().await.get(&name).filter(|a| now < a.ends_at) {
            return Ok(admission.clone());
        }
        let raw = self.get("/v1/proof", Some(assertion)).await?;
        let proof: ServiceProof = serde_json::from_slice(&raw).map_err(|_| Distrust::Malformed)?;
        let issuer = self.issuer_keys(&proof).await?;
        let admission = Proof(proof).admit(claims, &self.pinned, issuer)?;
        tracing::info!(session = %admission.session, organization = %admission.organization, "bundle and receipt verified");
        let mut admitted = self.admitted.lock().await;
        admitted.retain(|_, a| a.ends_at > now);
        if admitted.len() < REMEMBERED {
            admitted.insert(name, admission.clone());
        }
        Ok(admission)
    }

    /// The issuer's keys, fetched from the issuer itself; one of a token that is not known makes it be asked again.
    async fn issuer_keys(&self, proof: &ServiceProof) -> Result<KnownKeys, Distrust> {
        let silent = |error| {
            tracing::warn!(%error, "the issuer gives no keys");
            Distrust::NoIssuer
        };
        let mut tokens = proof.bundle().map_err(|_| Distrust::Malformed)?.pk_tokens;
        for extension in &proof.extensions {
            let bundle: Bundle = serde_json::from_str(&extension.bundle_json).map_err(|_| Distrust::Malformed)?;
            tokens.extend(bundle.pk_tokens);
        }
        let mut known = self.pinned.known(self.issuer.keys_for(None).await.map_err(silent)?, proof.opened_at);
        for token in tokens.iter().chain(proof.policies.iter().flat_map(|p| &p.pk_tokens)) {
            let kid = PkToken::read(token)?.provider_kid();
            if !known.knows(kid.as_deref()) {
                let current = self.issuer.keys_for(kid.as_deref()).await.map_err(silent)?;
                known = self.pinned.known(current, proof.opened_at);
            }
        }
        Ok(known)
    }

    async fn get(&self, path: &str, assertion: Option<&str>) -> Result<Vec<u8>, Distrust> {
        let mut request = self.http.get(format!("{}{path}", self.gateway));
        if let Some(assertion) = assertion {
            request = request.bearer_auth(assertion);
        }
        let unanswered = |error: reqwest::Error| {
            tracing::warn!(path, error = %error.without_url(), "the gateway does not answer");
            Distrust::NoProof
        };
        let mut answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(unanswered)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unanswered)? {
            if bytes.len() + chunk.len() > MAX_ANSWER {
                return Err(Distrust::Malformed);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}
