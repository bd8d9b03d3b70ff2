use std::sync::Arc;
use std::time::Duration;

use client::{CallError, GatewayClient};
use domain::{Digest, UnixSeconds};
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256};
use statement::{Bundle, SessionOpen};
use wire::event::EventKind;
use wire::gateway::{OpenedSession, SessionStatus};

use super::requests::digest;
use super::{Engine, Inner, SignedIn};
use crate::door::{Door, DoorConfig};
use crate::fault::{call, fault};
use crate::indenture::{Ground, Indenture};
use crate::joined::Joined;
use crate::show::{label, organization, seconds};
use crate::view::{DoorView, Link, Notice, UiError};

/// A code opens for 15 minutes; one that has less than this left is asked for again, in seconds.
const FACTOR_GOOD_FOR: i64 = 15 * 60 - 20;
/// Between two looks at the Session.
const EVERY: Duration = Duration::from_secs(1);
/// A gateway that says nothing for so many looks has lost the Session: its lease is 15 s.
const SILENT_LOOKS: u32 = 20;

/// One Session of this computer.
pub(super) struct Open {
    pub(super) view: DoorView,
    door: Option<Arc<Door>>,
    start: String,
    hosts: Vec<String>,
    gateway: GatewayClient,
}

/// What a window, or somebody in a terminal, needs to go through a door.
#[derive(Clone)]
pub struct Passage {
    /// With its secret: whoever has it can use the door.
    pub proxy_url: String,
    /// User and secret apart, for shells that ask for them.
    pub user: String,
    pub secret: String,
    pub certificate_pem: String,
    /// The only hosts that the door answers for.
    pub hosts: Vec<String>,
    /// Where the Session window begins.
    pub start: String,
}

/// The TLS key of one Session.
struct TlsKey {
    cert_pem: String,
    key_pem: zeroize::Zeroizing<String>,
    digest: Digest,
}

impl Engine {
    /// Opens the Session of an approved request on this computer, or comes back to one that is open already.
    ///
    /// # Errors
    /// [`UiError`]: `code-needed` when the last code is older than 15 minutes and none was given, or the gateway's
    /// refusal.
    pub async fn open_session(&self, id: &str, code: Option<String>) -> Result<DoorView, UiError> {
        let inner = &self.inner;
        let request = digest(id)?;
        if let Some(open) = inner.live().doors.get(id).filter(|d| d.view.ended_by.is_empty()) {
            return Ok(open.view.clone());
        }
        let joined = inner.joined()?;
        if let Some(code) = code {
            inner.take_code(&code).await?;
        }
        let person = inner.person().await?;
        let attestation = person.fresh_factor(inner.now())?;
        inner.check_log(&joined).await?;
        inner.check_gateway(&joined).await?;
        let tls = TlsKey::make()?;
        let bundle = inner.bundle(&joined, &person, &request, attestation, &tls).await?;
        let open = bundle.open.clone();
        let json = serde_json::to_vec(&bundle).map_err(|_| fault("unmade", "The bundle cannot be written.", "Try again."))?;
        let file = &joined.file;
        let gateway = GatewayClient::new(&file.gateway, &file.ca, &tls.cert_pem, &tls.key_pem).map_err(call("the gateway"))?;
        let opened = gateway.open(json).await.map_err(call("the gateway"))?;
        if let Err(error) = inner.check_opened(&joined, &opened, &request, &open).await {
            drop(gateway.end().await);
            return Err(error);
        }
        inner.start_door(&joined, &person, request, opened, gateway, &tls).await
    }

    /// Ends the Session of a request; the gateway cuts every stream.
    ///
    /// # Errors
    /// [`UiError`]; the door on this computer is closed in any case.
    pub async fn end_session(&self, request: &str) -> Result<(), UiError> {
        let gateway = {
            let mut live = self.inner.live();
            let open = live.doors.get_mut(request).ok_or_else(not_open_here)?;
            if let Some(door) = open.door.take() {
                door.close();
            }
            open.gateway.clone()
        };
        let answer = gateway.end().await;
        let reason = answer.as_ref().ok().and_then(|s| s.ended_by.clone());
        self.inner.ended(request, &reason.unwrap_or_else(|| "ended-by-requester".into()));
        match answer {
            Ok(_) => Ok(()),
            // It was over already.
            Err(CallError::Refused(problem)) if problem.status == 404 || problem.status == 409 || problem.status == 410 => Ok(()),
            Err(error) => Err(call("the gateway")(error)),
        }
    }

    /// Ends a Session that this or another process of the profile holds open.
    ///
    /// # Errors
    /// [`UiError`]: `not-open-here`.
    pub async fn end_elsewhere(&self, request: &str) -> Result<(), UiError> {
        let id = digest(request)?;
        if self.inner.live().doors.contains_key(request) {
            return self.end_session(request).await;
        }
        let profile = &self.inner.profile;
        if profile.door_is_marked(id.as_str()) {
            profile.ask_for_end(request)?;
            for _ in 0..60 {
                tokio::time::sleep(EVERY / 4).await;
                if !profile.door_is_marked(request) {
                    return Ok(());
                }
            }
            // Whoever had it open was killed; the Session loses its lease by itself.
            profile.unmark_door(request)?;
        }
        Err(not_open_here())
    }

    /// The Sessions that were opened on this computer since the engine started.
    #[must_use]
    pub fn doors(&self) -> Vec<DoorView> {
        self.inner.live().doors.values().map(|d| d.view.clone()).collect()
    }

    /// What the Session window needs. It is handed to that window only, and never logged.
    #[must_use]
    pub fn passage(&self, request: &str) -> Option<Passage> {
        let live = self.inner.live();
        let open = live.doors.get(request)?;
        let door = open.door.as_ref()?;
        Some(Passage {
            proxy_url: door.proxy_url.clone(),
            user: door.user.to_owned(),
            secret: door.secret.clone(),
            certificate_pem: door.certificate_pem.clone(),
            hosts: open.hosts.clone(),
            start: open.start.clone(),
        })
    }
}

impl SignedIn {
    /// The attestation of a code that is young enough for opening.
    fn fresh_factor(&self, now: UnixSeconds) -> Result<String, UiError> {
        match &self.factor {
            Some((attestation, at)) if now - at < FACTOR_GOOD_FOR => Ok(attestation.clone()),
            _ => Err(fault(
                "code-needed",
                "Opening needs a code that is at most 15 minutes old.",
                "Enter the code that your authenticator shows now.",
            )),
        }
    }
}

impl Inner {
    /// Whether a Session could be opened now.
    pub(super) async fn check_gateway(&self, joined: &Joined) -> Result<(), UiError> {
        let answer = joined.gateway.health().await;
        let link = if answer.as_ref().is_err_and(CallError::is_unreachable) { Link::Unreachable } else { Link::Connected };
        let changed = std::mem::replace(&mut self.live().links.gateway, link) != link;
        if changed {
            self.tell(Notice::State);
        }
        let health = answer.map_err(call("the gateway"))?;
        if health.ready {
            return Ok(());
        }
        Err(fault("gateway-not-ready", format!("The gateway opens nothing now: {}.", health.missing.join(", ")), "Try again in a moment."))
    }

    /// Everything that opening takes, verified here before anybody else sees it.
    async fn bundle(
        &self,
        joined: &Joined,
        person: &SignedIn,
        request: &Digest,
        attestation: String,
        tls: &TlsKey,
    ) -> Result<Bundle, UiError> {
        let shown = person.broker.request(request).await.map_err(call("the broker"))?;
        let materials = person.broker.materials(request).await.map_err(call("the broker"))?;
        let provider = joined.keys_for(&shown.pk_tokens).await?;
        let ground = Ground { trust: &joined.file.trust, provider: &provider, now: self.now() };
        let indenture = Indenture::verify(&shown, &ground);
        let sound = indenture.sound().filter(|r| r.statement.compact() == materials.request).ok_or_else(|| {
            fault("does-not-match", "The broker's materials are not of the request that was signed.", "Open nothing. Tell security.")
        })?;
        let open = SessionOpen {
            decisions: materials.decisions.iter().map(statement::sha256).collect(),
            request: sound.statement.digest().clone(),
            tls_client: tls.digest.clone(),
        };
        let open = self.sign(joined, person, open, 60)?;
        let mut bundle = Bundle {
            pk_tokens: materials.pk_tokens,
            enrols: materials.enrols,
            request: materials.request,
            decisions: materials.decisions,
            mfa: materials.mfa,
            open,
        };
        let own = person.credentials.pk_token.to_string();
        if !bundle.pk_tokens.contains(&own) {
            bundle.pk_tokens.push(own);
        }
        if !bundle.mfa.contains(&attestation) {
            bundle.mfa.push(attestation);
        }
        let provider = joined.keys_for(&bundle.pk_tokens).await?;
        statement::verify_open(&bundle, &joined.file.trust, &provider, &tls.digest, self.now()).map_err(|refusal| {
            fault(refusal.code(), format!("This cannot be opened: {refusal}."), "Ask again, or tell security if you did nothing unusual.")
        })?;
        Ok(bundle)
    }

    /// The gateway's answer: this Session, and a receipt that stands in the log as this computer sees it.
    async fn check_opened(&self, joined: &Joined, opened: &OpenedSession, request: &Digest, open: &str) -> Result<(), UiError> {
        let (event, _) = joined.log.prove(&opened.receipt).await?;
        let open = statement::sha256(open);
        let session = Digest::from(opened.session.clone());
        let right = event.kind == EventKind::SessionOpened
            && session == open
            && event.session.as_ref() == Some(&opened.session)
            && event.statements.contains(request)
            && event.statements.contains(&open);
        if right {
            return Ok(());
        }
        Err(fault("other-receipt", "The gateway's receipt is of another Session.", "The Session was ended. Tell security."))
    }

    async fn start_door(
        self: &Arc<Self>,
        joined: &Joined,
        person: &SignedIn,
        request: Digest,
        opened: OpenedSession,
        gateway: GatewayClient,
        tls: &TlsKey,
    ) -> Result<DoorView, UiError> {
        let shown = person.broker.request(&request).await.map_err(call("the broker"))?;
        let door = Door::start(DoorConfig {
            gateway: joined.file.gateway.clone(),
            ca_pem: joined.file.ca.clone(),
            client_cert_pem: tls.cert_pem.clone(),
            client_key_pem: tls.key_pem.to_string(),
            hosts: opened.hosts.clone(),
            opened_at: opened.opened_at,
            ends_at: opened.ends_at,
        })
        .await
        .map_err(|error| fault("door", format!("{error}."), "End the session and open it again."))?;
        let view = DoorView {
            request: request.to_string(),
            session: opened.session.to_string(),
            organization: organization(&opened.organization),
            scope: label(&opened.scope),
            reason: label(&shown.reason),
            ticket: shown.ticket,
            opened_at: seconds(opened.opened_at),
            ends_at: seconds(opened.ends_at),
            address: door.address.to_string(),
            recording_lag_ms: 0,
            paused: false,
            ended_by: String::new(),
        };
        let open = Open { view: view.clone(), door: Some(Arc::new(door)), start: opened.start, hosts: opened.hosts, gateway: gateway.clone() };
        self.profile.mark_door(request.as_str())?;
        self.live().doors.insert(request.to_string(), open);
        tokio::spawn(self.clone().look_after(request.to_string(), gateway));
        self.tell(Notice::Door { session: view.session.clone() });
        self.tell(Notice::Requests { id: view.request.clone(), text: String::new() });
        Ok(view)
    }

    /// Asks the gateway each second how the Session is doing, until it is over.
    async fn look_after(self: Arc<Self>, request: String, gateway: GatewayClient) {
        let mut silent = 0;
        loop {
            tokio::time::sleep(EVERY).await;
            if self.live().doors.get(&request).is_none_or(|d| !d.view.ended_by.is_empty()) {
                return;
            }
            if self.profile.end_is_asked(&request) {
                if let Err(error) = gateway.end().await {
                    tracing::warn!(%error, "the gateway did not hear of the end");
                }
                self.ended(&request, "ended-by-requester");
                return;
            }
            match gateway.status().await {
                Ok(status) => {
                    silent = 0;
                    self.live().links.gateway = Link::Connected;
                    if !status.open {
                        self.ended(&request, status.ended_by.as_deref().unwrap_or("ended"));
                        return;
                    }
                    self.note(&request, &status);
                }
                Err(CallError::Refused(problem)) if problem.status == 404 || problem.status == 410 => {
                    self.ended(&request, "ended");
                    return;
                }
                Err(_) => {
                    silent += 1;
                    self.live().links.gateway = Link::Unreachable;
                    self.pause(&request);
                    if silent >= SILENT_LOOKS {
                        self.ended(&request, "gateway-stopped");
                        return;
                    }
                }
            }
        }
    }

    fn note(&self, request: &str, status: &SessionStatus) {
        self.change_door(request, |view| {
            view.recording_lag_ms = status.recording_lag;
            view.paused = status.paused;
            view.ends_at = seconds(status.ends_at);
        });
    }

    fn pause(&self, request: &str) {
        self.change_door(request, |view| view.paused = true);
    }

    /// The Session is over: the door closes, whatever else happens.
    fn ended(&self, request: &str, reason: &str) {
        if let Some(open) = self.live().doors.get_mut(request)
            && let Some(door) = open.door.take()
        {
            door.close();
        }
        if let Err(error) = self.profile.unmark_door(request) {
            tracing::warn!(code = error.code, "a door's mark stays");
        }
        self.change_door(request, |view| {
            if view.ended_by.is_empty() {
                reason.clone_into(&mut view.ended_by);
            }
        });
        self.tell(Notice::Requests { id: request.to_owned(), text: String::new() });
        self.tell(Notice::State);
    }

    fn change_door(&self, request: &str, change: impl FnOnce(&mut DoorView)) {
        let mut live = self.live();
        let Some(open) = live.doors.get_mut(request) else { return };
        let before = (open.view.recording_lag_ms, open.view.paused, open.view.ends_at, open.view.ended_by.clone());
        change(&mut open.view);
        let after = (open.view.recording_lag_ms, open.view.paused, open.view.ends_at, open.view.ended_by.clone());
        let session = open.view.session.clone();
        drop(live);
        if before != after {
            self.tell(Notice::Door { session });
        }
    }
}

fn not_open_here() -> UiError {
    fault("not-open-here", "This request has no Session open on this computer.", "Look at the list of Sessions.")
}

impl TlsKey {
    fn make() -> Result<Self, UiError> {
        let failed = |_| fault("unmade", "No TLS key could be made for this Session.", "Try again.");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "countersign session");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let cert = params.self_signed(&key).map_err(failed)?;
        Ok(Self {
            digest: statement::sha256(cert.der()),
            cert_pem: cert.pem(),
            key_pem: zeroize::Zeroizing::new(key.serialize_pem()),
        })
    }
}
