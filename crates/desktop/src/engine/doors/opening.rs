use std::sync::Arc;

use client::{CallError, GatewayClient};
use domain::{Digest, PersonId, ReasonCategory};
use keys::Lock;
use statement::{Bundle, SessionOpen};
use wire::broker::RequestState;
use wire::event::EventKind;
use wire::gateway::OpenedSession;

use super::tls::TlsKey;
use super::{Open, SignedIn};
use crate::door::{Door, DoorConfig};
use crate::engine::Inner;
use crate::engine::requests::digest;
use crate::fault::{call, fault};
use crate::indenture::{Ground, Indenture};
use crate::joined::Joined;
use crate::show::{label, organization, seconds};
use crate::view::{DoorView, Link, Notice, UiError};

/// So often a receipt is looked at again, a second apart, while the audit service is away.
const MOST_LOOKS: u32 = 8;

/// A bundle that this computer verified, and the connection over which it is offered.
pub(super) struct Offer {
    request: Digest,
    /// Who opens.
    person: PersonId,
    /// Digest of the `session-open` in the bundle.
    open: Digest,
    /// The Session is open already: it is resumed.
    pub(super) resumes: bool,
    reason: ReasonCategory,
    ticket: String,
    pub(super) json: Vec<u8>,
    pub(super) gateway: GatewayClient,
}

impl Inner {
    /// Whether a Session could be opened now.
    pub(in crate::engine) async fn check_gateway(&self, joined: &Joined) -> Result<(), UiError> {
        let answer = joined.gateway.health().await;
        let link =
            if answer.as_ref().is_err_and(CallError::is_unreachable) { Link::Unreachable } else { Link::Connected };
        let changed = std::mem::replace(&mut self.live().links.gateway, link) != link;
        if changed {
            self.tell(Notice::State);
        }
        let health = answer.map_err(call("the gateway"))?;
        if health.ready {
            return Ok(());
        }
        Err(fault(
            "gateway-not-ready",
            format!("The gateway opens nothing now: {}.", health.missing.join(", ")),
            "Try again in a moment.",
        ))
    }

    /// Everything that opening takes, verified here before anybody else sees it.
    pub(super) async fn offer(
        &self,
        joined: &Joined,
        person: &SignedIn,
        request: &Digest,
        attestation: String,
        tls: &TlsKey,
    ) -> Result<Offer, UiError> {
        let shown = person.broker.request(request).await.map_err(call("the broker"))?;
        let materials = person.broker.materials(request).await.map_err(call("the broker"))?;
        let provider = joined.keys_for(&shown.pk_tokens).await?;
        let in_force = self.policy_of(joined, &shown.request).await?;
        let trust = &in_force.trust;
        let ground = Ground { trust, provider: &provider, now: self.now() };
        let indenture = Indenture::verify(&shown, &ground);
        let sound = indenture.sound().filter(|r| r.statement.compact() == materials.request).ok_or_else(|| {
            fault(
                "does-not-match",
                "The broker's materials are not of the request that was signed.",
                "Open nothing. Tell security.",
            )
        })?;
        for seen in indenture.seen() {
            joined.log.agrees(&seen).await?;
        }
        let in_advance = materials.break_glass.iter().flat_map(|signed| &signed.statements);
        let open = SessionOpen {
            decisions: materials.decisions.iter().chain(in_advance).map(statement::sha256).collect(),
            request: sound.statement.digest().clone(),
            tls_client: tls.digest.clone(),
        };
        let open = self.sign(joined, person, open, 60)?;
        let bundle = self.bundle(person, materials, attestation, open);
        let provider = joined.keys_for(&bundle.pk_tokens).await?;
        let resumes = shown.state == RequestState::Open;
        // Whether the approvals were fresh when the open Session began is for the gateway to say, with the log.
        let verified = if resumes {
            statement::verify_resume(&bundle, trust, &provider, &tls.digest, self.now())
        } else {
            statement::verify_open(&bundle, trust, &provider, &tls.digest, self.now())
        };
        verified.map_err(|refusal| {
            fault(
                refusal.code(),
                format!("This cannot be opened: {refusal}."),
                "Ask again, or tell security if you did nothing unusual.",
            )
        })?;
        let file = &joined.file;
        Ok(Offer {
            request: request.clone(),
            person: person.identity.person.clone(),
            open: statement::sha256(&bundle.open),
            resumes,
            reason: sound.statement.body().reason,
            ticket: sound.statement.body().ticket.clone(),
            json: serde_json::to_vec(&bundle)
                .map_err(|_| fault("unmade", "The bundle cannot be written.", "Try again."))?,
            gateway: GatewayClient::new(&file.gateway, &file.ca, &tls.cert_pem, &tls.key_pem)
                .map_err(call("the gateway"))?,
        })
    }

    pub(super) fn bundle(
        &self,
        person: &SignedIn,
        materials: wire::broker::Materials,
        attestation: String,
        open: String,
    ) -> Bundle {
        let mut bundle = Bundle {
            pk_tokens: materials.pk_tokens,
            enrols: materials.enrols,
            request: materials.request,
            decisions: materials.decisions,
            mfa: materials.mfa,
            open,
            break_glass: materials.break_glass,
        };
        let own = person.credentials.pk_token.to_string();
        if !bundle.pk_tokens.contains(&own) {
            bundle.pk_tokens.push(own);
        }
        if !bundle.mfa.contains(&attestation) {
            bundle.mfa.push(attestation);
        }
        bundle
    }

    /// The same as [`Self::check_opened`], for a while again when the audit service is away just now: a Grant is used up
    /// by opening, and the door is not open yet.
    pub(super) async fn check_opened_in_time(
        &self,
        joined: &Joined,
        opened: &OpenedSession,
        offer: &Offer,
    ) -> Result<(), UiError> {
        let mut looks = 0;
        loop {
            match self.check_opened(joined, opened, offer).await {
                Err(error) if error.code == "audit-unreachable" && looks < MOST_LOOKS => looks += 1,
                answer => return answer,
            }
            tokio::time::sleep(super::EVERY).await;
        }
    }

    /// The gateway's answer: the one Session of this request, with a receipt that stands in the log as this computer
    /// sees it.
    pub(super) async fn check_opened(
        &self,
        joined: &Joined,
        opened: &OpenedSession,
        offer: &Offer,
    ) -> Result<(), UiError> {
        let (event, _) = joined.log.prove(&opened.receipt).await?;
        let session = Digest::from(opened.session.clone());
        let right = event.kind == EventKind::SessionOpened
            && event.session.as_ref() == Some(&opened.session)
            && event.statements.contains(&offer.request)
            && event.statements.contains(&session)
            && (offer.resumes || session == offer.open);
        if right {
            return Ok(());
        }
        Err(fault(
            "other-receipt",
            "The gateway's receipt is of another Session.",
            "The Session was ended. Tell security.",
        ))
    }

    pub(super) async fn start_door(
        self: &Arc<Self>,
        joined: &Joined,
        offer: Offer,
        opened: OpenedSession,
        tls: Arc<TlsKey>,
        hold: Lock,
    ) -> Result<DoorView, UiError> {
        let door = Door::start(DoorConfig {
            gateway: joined.file.gateway.clone(),
            ca_pem: joined.file.ca.clone(),
            client_cert_pem: tls.cert_pem.clone(),
            client_key_pem: tls.key_pem.to_string(),
            hosts: opened.hosts.clone(),
            opened_at: opened.opened_at,
            // The gateway ends the Session; the door's certificate lasts for as long as that can be extended.
            ends_at: opened.opened_at.saturating_add(joined.file.trust.limits.max_duration_seconds),
        })
        .await
        .map_err(|error| fault("door", format!("{error}."), "Open the session again."))?;
        let request = offer.request.to_string();
        let view = DoorView {
            request: request.clone(),
            session: opened.session.to_string(),
            organization: organization(&opened.organization),
            scope: label(&opened.scope),
            reason: label(&offer.reason),
            ticket: offer.ticket,
            opened_at: seconds(opened.opened_at),
            ends_at: seconds(opened.ends_at),
            address: opened.start.clone(),
            recording_lag_ms: 0,
            paused: false,
            page_stopped: false,
            ended_by: String::new(),
            ended_for: None,
            watchers: Vec::new(),
            more: None,
        };
        if self.live().person.as_ref().is_none_or(|now| now.identity.person != offer.person) {
            return Err(fault(
                "sign-in-replaced",
                "Somebody else has signed in on this computer meanwhile.",
                "Nothing is open. Sign in as the person who asked, then open again.",
            ));
        }
        self.profile.mark_door(&request)?;
        let open = Open {
            view: view.clone(),
            person: offer.person.clone(),
            door: Some(Arc::new(door)),
            start: opened.start,
            hosts: opened.hosts,
            gateway: offer.gateway.clone(),
            tls,
            hold: Some(hold),
        };
        self.live().doors.insert(request.clone(), open);
        tokio::spawn(self.clone().look_after(request.clone(), offer.gateway));
        self.tell(Notice::Door { session: view.session.clone() });
        self.tell(Notice::Requests { id: request, text: String::new() });
        Ok(view)
    }

    /// Comes back to a Session over the same TLS key, after the gateway was restarted. The clock goes on.
    pub(super) async fn resume(&self, request: &str) -> Result<(), UiError> {
        let (tls, session) = {
            let live = self.live();
            let open = live.doors.get(request).ok_or_else(super::not_open_here)?;
            (open.tls.clone(), open.view.session.clone())
        };
        let joined = self.joined()?;
        let (person, attestation) = self.recent_code().await?;
        let mut offer = self.offer(&joined, &person, &digest(request)?, attestation, &tls).await?;
        offer.resumes = true;
        let opened = offer.gateway.open(offer.json.clone()).await.map_err(call("the gateway"))?;
        self.check_opened(&joined, &opened, &offer).await?;
        if opened.session.as_str() == session {
            return Ok(());
        }
        Err(fault(
            "other-receipt",
            "The gateway came back with another Session.",
            "The Session was ended. Tell security.",
        ))
    }
}
