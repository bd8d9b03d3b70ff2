//! Everything that stands between a bundle and a Session. Nobody is believed: signatures, persons, second factors and
//! times are verified here, the policy is evaluated here, what each signer saw of the log is compared here, and the
//! receipt of the consumed Grant is checked here.

use std::sync::Arc;

use checkpoint::Checkpoint;
use client::{CallError, ServiceClient};
use domain::{Clock, Digest, SessionId, UnixSeconds};
use identity::ProviderSource;
use policy::{Ask, Policy};
use statement::{Bundle, Opening, PkToken, ProviderKeys, Trust, sha256, verify_open};
use wire::audit::OpenRecording;
use wire::broker::{LeaseRequest, Leases};
use wire::event::{Event, EventKind, Receipt};

use crate::log::{AuditLog, LogError, Proven};
use crate::refused::Refused;
use crate::session::Facts;
use crate::targets::{Target, Targets};

/// No bundle is longer than this, in bytes.
pub const MAX_BUNDLE: usize = 512 * 1024;

/// What an opening is checked with.
pub struct Gate {
    pub trust: Trust,
    pub policy: Policy,
    pub provider: ProviderSource,
    pub log: AuditLog,
    pub audit: ServiceClient,
    pub broker: ServiceClient,
    pub targets: Targets,
    pub clock: Arc<dyn Clock>,
}

/// A bundle that passed every check; the Grant is not consumed yet.
pub struct Verified {
    opening: Opening,
    bundle_json: String,
    certificate: Digest,
    targets: Vec<Arc<Target>>,
    provider: Arc<ProviderKeys>,
    head: Checkpoint,
    now: UnixSeconds,
}

/// A bundle whose Grant is consumed, with the proof. Only [`Gate::consume`] and [`Gate::resume`] make one, and a
/// Session begins with nothing else.
pub struct Opened {
    facts: Facts,
    targets: Vec<Arc<Target>>,
    certificate: Digest,
}

impl Opened {
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(crate) fn into_parts(self) -> (Facts, Vec<Arc<Target>>, Digest) {
        (self.facts, self.targets, self.certificate)
    }
}

impl Verified {
    /// The request that names the Grant.
    #[must_use]
    pub fn request(&self) -> &Digest {
        self.opening.request().statement.digest()
    }

    /// The Device that opens.
    #[must_use]
    pub fn device(&self) -> &Digest {
        &self.opening.request().identity.device
    }

    #[must_use]
    pub fn certificate(&self) -> &Digest {
        &self.certificate
    }

    /// The `session-open` statement.
    #[must_use]
    pub fn statement(&self) -> &str {
        self.opening.open().compact()
    }

    /// The JWKS that it was verified with.
    #[must_use]
    pub fn provider(&self) -> &ProviderKeys {
        &self.provider
    }
}

impl Gate {
    /// Verifies a bundle that came over a connection with this certificate.
    ///
    /// # Errors
    /// [`Refused`] naming the first check that failed.
    pub async fn verify(&self, bundle_json: &[u8], certificate: Digest) -> Result<Verified, Refused> {
        let malformed =
            || refused(400, "malformed", "The opening could not be read.", "Update Countersign and open again.");
        if bundle_json.len() > MAX_BUNDLE {
            return Err(malformed());
        }
        let bundle_json = String::from_utf8(bundle_json.to_vec()).map_err(|_| malformed())?;
        let bundle: Bundle = serde_json::from_str(&bundle_json).map_err(|_| malformed())?;
        let provider = self.provider_keys(&bundle).await?;
        let now = self.clock.now();
        let opening = verify_open(&bundle, &self.trust, &provider, &certificate, now).map_err(|r| not_believed(&r))?;
        self.ask_policy(&opening)?;
        let targets: Vec<Arc<Target>> = self.targets.of(&opening.organization().id).cloned().map(Arc::new).collect();
        if targets.is_empty() {
            return Err(refused(
                404,
                "unknown-organization",
                "This gateway knows no such Organization.",
                "Ask an administrator to add it to the gateway's targets.",
            ));
        }
        self.log.check_clock(&*self.clock).await.map_err(|e| not_reliable(&e))?;
        let head = self.log.head().await.map_err(|e| not_reliable(&e))?;
        for note in opening.seen() {
            self.log.saw_the_same(note, &head).await.map_err(|e| not_reliable(&e))?;
        }
        Ok(Verified { opening, bundle_json, certificate, targets, provider, head, now })
    }

    /// Consumes the Grant at the audit service and proves that it was consumed for exactly this.
    ///
    /// # Errors
    /// [`Refused`], also when another gateway or an earlier Session took it.
    pub async fn consume(&self, verified: Verified) -> Result<Opened, Refused> {
        self.broker_is_there().await?;
        let ends_at = verified.now + verified.opening.terms().duration_seconds;
        let call = OpenRecording {
            bundle_json: verified.bundle_json.clone(),
            tls_client: verified.certificate.clone(),
            opened_at: verified.now,
            ends_at,
            target: verified.targets[0].name.clone(),
            policy: self.policy.digest().clone(),
        };
        let receipt: Receipt = match self.audit.post_json("/v1/recordings", &call).await {
            Ok(receipt) => receipt,
            Err(CallError::Refused(problem)) if problem.code == "already-taken" => return Err(already_taken()),
            Err(CallError::Refused(problem)) => {
                tracing::warn!(code = problem.code, "the audit service refused an opening");
                return Err(refused(
                    403,
                    "audit-refused",
                    "The audit service does not accept this opening.",
                    &problem.detail,
                ));
            }
            Err(error) => return Err(not_reliable(&LogError::Call(error))),
        };
        let proven = self.log.prove(receipt, &verified.head).await.map_err(|e| not_reliable(&e))?;
        let session = SessionId::from(verified.opening.open().digest().clone());
        self.check_receipt(&proven, &session, &verified, ends_at)?;
        let facts = facts(session, &verified, ends_at, proven.receipt().clone());
        Ok(Opened { facts, targets: verified.targets, certificate: verified.certificate })
    }

    /// Goes on with a Session that an earlier run opened: same request, same Device, the clock as it was.
    ///
    /// # Errors
    /// [`Refused`] when it is another Device's, or its receipt does not hold.
    pub async fn resume(&self, verified: Verified, facts: Facts) -> Result<Opened, Refused> {
        if facts.device != *verified.device() {
            return Err(already_taken());
        }
        let proven = self.log.prove(facts.receipt.clone(), &verified.head).await.map_err(|e| not_reliable(&e))?;
        if !(is_of(proven.event(), &facts) && is_asked_by(&verified, &facts)) {
            return Err(not_as_kept());
        }
        Ok(Opened { facts, targets: verified.targets, certificate: verified.certificate })
    }

    async fn provider_keys(&self, bundle: &Bundle) -> Result<Arc<ProviderKeys>, Refused> {
        let unreachable = |error: identity::IdentityError| {
            tracing::warn!(%error, "no keys of the issuer");
            refused(
                503,
                "provider-unreachable",
                "The identity provider does not answer.",
                "Nothing was opened. Try again in a minute.",
            )
        };
        let mut keys = self.provider.keys_for(None).await.map_err(unreachable)?;
        for token in &bundle.pk_tokens {
            let kid = PkToken::read(token).map_err(|r| not_believed(&r))?.provider_kid();
            if !keys.knows(kid.as_deref()) {
                keys = self.provider.keys_for(kid.as_deref()).await.map_err(unreachable)?;
            }
        }
        Ok(keys)
    }

    fn ask_policy(&self, opening: &Opening) -> Result<(), Refused> {
        let request = opening.request();
        let body = request.statement.body();
        let ask = Ask {
            reason: body.reason,
            scope: body.scope,
            duration_seconds: body.duration_seconds,
            requester_roles: &request.identity.roles,
        };
        let allowed = self
            .policy
            .evaluate(&ask)
            .map_err(|r| refused(403, r.code, &r.sentence, "Ask again within what the policy allows."))?;
        if opening.decisions().len() < allowed.approvals as usize {
            return Err(refused(
                403,
                "too-few-approvals",
                "Another person has to countersign first.",
                "Wait for the missing signature, then open again.",
            ));
        }
        Ok(())
    }

    async fn broker_is_there(&self) -> Result<(), Refused> {
        let nothing = LeaseRequest { sessions: Vec::new() };
        self.broker.post_json::<_, Leases>("/v1/leases", &nothing).await.map(drop).map_err(|error| {
            tracing::warn!(%error, "no leases from the broker");
            refused(
                503,
                "broker-unreachable",
                "The broker does not answer.",
                "Nothing was opened and the approval is still good. Try again in a minute.",
            )
        })
    }

    /// The receipt is about this bundle, this certificate and these times, and about nothing else.
    fn check_receipt(
        &self,
        proven: &Proven,
        session: &SessionId,
        verified: &Verified,
        ends_at: UnixSeconds,
    ) -> Result<(), Refused> {
        let event = proven.event();
        let fact = |name: &str| event.facts.get(name).map(String::as_str);
        let right = event.kind == EventKind::SessionOpened
            && event.session.as_ref() == Some(session)
            && event.organization.as_ref() == Some(&verified.opening.organization().id)
            && fact("bundle") == Some(sha256(&verified.bundle_json).as_str())
            && fact("tls-client") == Some(verified.certificate.as_str())
            && fact("opened-at") == Some(verified.now.to_string().as_str())
            && fact("ends-at") == Some(ends_at.to_string().as_str())
            && event.statements.contains(verified.request());
        if right { Ok(()) } else { Err(not_reliable(&LogError::Broken("the receipt is about something else"))) }
    }
}

/// What was kept beside the spool is what the log says about the opening. The disk is not believed.
fn is_of(event: &Event, facts: &Facts) -> bool {
    let fact = |name: &str| event.facts.get(name).map(String::as_str);
    let scope = serde_json::to_value(facts.scope).ok();
    event.kind == EventKind::SessionOpened
        && event.session.as_ref() == Some(&facts.session)
        && event.organization.as_ref() == Some(&facts.organization.id)
        && fact("bundle") == Some(facts.bundle.as_str())
        && facts.bundle == sha256(&facts.bundle_json)
        && fact("opened-at") == Some(facts.opened_at.to_string().as_str())
        && fact("ends-at") == Some(facts.ends_at.to_string().as_str())
        && fact("scope").is_none_or(|word| scope.as_ref().and_then(|s| s.as_str()) == Some(word))
        && event.statements.contains(&facts.request)
}

/// What was kept names the person, the Organization and the Scope that the signatures name.
fn is_asked_by(verified: &Verified, facts: &Facts) -> bool {
    let opening = &verified.opening;
    let who = &opening.request().identity;
    facts.request == *verified.request()
        && facts.organization == *opening.organization()
        && facts.scope == opening.terms().scope
        && facts.person == who.person.0
        && facts.name == who.name
}

fn not_as_kept() -> Refused {
    tracing::error!("what is kept of a Session is not what the log says of it");
    refused(
        503,
        "session-file-broken",
        "What the gateway kept of this session is not what the audit log says of it.",
        "Tell your administrators; ask for access again.",
    )
}

fn facts(session: SessionId, verified: &Verified, ends_at: UnixSeconds, receipt: Receipt) -> Facts {
    let opening = &verified.opening;
    let who = &opening.request().identity;
    Facts {
        session,
        request: verified.request().clone(),
        device: who.device.clone(),
        person: who.person.0.clone(),
        name: who.name.clone(),
        organization: opening.organization().clone(),
        scope: opening.terms().scope,
        opened_at: verified.now,
        ends_at,
        bundle: sha256(&verified.bundle_json),
        bundle_json: verified.bundle_json.clone(),
        receipt,
    }
}

fn refused(status: u16, code: &'static str, title: &str, detail: &str) -> Refused {
    Refused::new(status, code, title, detail)
}

/// The Grant is used up.
#[must_use]
pub fn already_taken() -> Refused {
    refused(
        409,
        "already-taken",
        "This approval was already used.",
        "Resume the session where it was opened, or ask for access again.",
    )
}

fn not_believed(refusal: &statement::Refusal) -> Refused {
    let detail = match refusal.code() {
        "second-factor-too-old" | "no-second-factor" => "Enter a code and open again.",
        "expired" | "from-the-future" => "Check this computer's clock and open again.",
        "sign-in-too-old" => "Sign in again and ask for access again.",
        _ => "Nothing was opened. Ask for access again.",
    };
    refused(403, refusal.code(), &format!("The opening was refused: {refusal}."), detail)
}

fn not_reliable(error: &LogError) -> Refused {
    tracing::error!(%error, "an opening was refused because of the log");
    match error {
        LogError::Call(_) => refused(
            503,
            "audit-unreachable",
            "The audit service does not answer.",
            "Nothing was opened and nothing is lost. Try again in a minute.",
        ),
        LogError::Broken(_) => refused(
            503,
            "log-broken",
            "The audit log contradicts itself. Nothing is opened.",
            "Tell your administrators now; they have to look into it.",
        ),
        LogError::NotKept(_) => refused(
            503,
            "no-spool",
            "The gateway cannot keep what it saw of the audit log. Nothing is opened.",
            "Tell your administrators; its disk is full or cannot be written.",
        ),
        LogError::Clock(_) => refused(
            503,
            "wrong-clock",
            "The gateway's clock is wrong. Nothing is opened.",
            "Tell your administrators; its clock is more than 5 s off.",
        ),
    }
}
