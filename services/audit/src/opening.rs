//! A Session opens: the bundle is verified here again, against this service's own trust, and the Grant is consumed.

use domain::{Digest, SessionId, UnixSeconds, shown};
use policy::InForce;
use serve::{ProblemResponse, refused};
use statement::{Bundle, Opening, ProviderKeys, Refusal, sha256, verify_open};
use wire::audit::OpenRecording;
use wire::event::{Append, EventKind, Receipt};

use crate::audit::Audit;
use crate::problem;
use crate::sequencer::{Command, NewRecording, NewUse, Signed};
use crate::store::Detail;

/// The gateway's clock and ours differ by no more than this, in seconds.
const SKEW_SECONDS: u64 = 5;

impl Audit {
    /// Opens the Recording, or gives the receipt of this very call again to whoever lost it.
    pub(crate) async fn open(&self, asked: OpenRecording) -> Result<Receipt, ProblemResponse> {
        let bundle: Bundle =
            serde_json::from_str(&asked.bundle_json).map_err(|_| problem::malformed("The bundle is not one."))?;
        let repeated = asked.clone();
        if let Some(receipt) = self.opened_before(&bundle, &repeated).await? {
            return Ok(receipt);
        }
        match self.open_anew(bundle.clone(), asked).await {
            // The same call twice at once: the other one was first.
            Err(refusal) if refusal.code() == problem::already_taken().code() => {
                self.opened_before(&bundle, &repeated).await?.ok_or(refusal)
            }
            result => result,
        }
    }

    /// Verifies what the gateway hands in.
    async fn open_anew(&self, bundle: Bundle, asked: OpenRecording) -> Result<Receipt, ProblemResponse> {
        let now = self.now();
        let keys = self.keys_for_tokens(&bundle.pk_tokens).await?;
        let policies = self.policies().await?;
        let in_force = policies.current();
        let opening = verify_open(&bundle, &in_force.trust, &keys, &asked.tls_client, now)
            .map_err(|refusal| refused(&refusal))?;
        self.check_terms(&opening, &asked, in_force, now)?;
        self.check_waited(&opening, in_force).await?;
        for note in opening.seen() {
            self.check_seen(note).await?;
        }
        let used = self.new_use(&opening).await?;
        let recording = new_recording(&opening, bundle, asked, keys.current(), used);
        self.writer.perform(Command::Open(Box::new(recording))).await?.receipt()
    }

    /// Whether each signer's Device had waited, by every enrolment in the log: a bundle can leave out that somebody had
    /// another Device before.
    pub(crate) async fn check_waited(&self, opening: &Opening, in_force: &InForce) -> Result<(), ProblemResponse> {
        let enrolments = self.roster.enrolments(self).await?;
        let (request, waits) = (opening.request(), in_force.trust.waits);
        enrolments
            .check_waited(&request.identity, request.statement.payload().iat, waits.ask_seconds)
            .map_err(|refusal| refused(&refusal))?;
        for decision in opening.decisions() {
            enrolments
                .check_waited(&decision.identity, decision.statement.payload().iat, waits.approve_seconds)
                .map_err(|refusal| refused(&refusal))?;
        }
        match opening.break_glass() {
            Some(permitted) => self.check_in_advance(permitted).await,
            None => Ok(()),
        }
    }

    /// What the bundle allows, the policy's approvals, and the gateway's clock.
    fn check_terms(
        &self,
        opening: &Opening,
        asked: &OpenRecording,
        in_force: &InForce,
        now: UnixSeconds,
    ) -> Result<(), ProblemResponse> {
        check_gateway(&asked.policy, asked.opened_at, in_force, now)?;
        let terms = opening.terms();
        if !(1..=terms.duration_seconds).contains(&asked.ends_at.saturating_sub(asked.opened_at)) {
            return Err(refused(&Refusal::DurationOutOfBounds));
        }
        check_admitted(in_force, opening)
    }
}

/// The gateway has the policy in force and our time.
pub(crate) fn check_gateway(
    policy: &Digest,
    at: UnixSeconds,
    in_force: &InForce,
    now: UnixSeconds,
) -> Result<(), ProblemResponse> {
    if policy != in_force.policy.digest() {
        return Err(refused(&Refusal::OtherPolicy));
    }
    if at.abs_diff(now) > SKEW_SECONDS {
        return Err(problem::conflict(
            "clocks-differ",
            "The gateway's clock and the audit service's differ by more than 5 s.",
            "Set both clocks, then open again.",
        ));
    }
    Ok(())
}

pub(crate) fn check_admitted(in_force: &InForce, opening: &Opening) -> Result<(), ProblemResponse> {
    let admitted = in_force.policy.admit(opening).map(drop);
    admitted.map_err(|r| problem::forbidden(r.code, &r.sentence, "Ask for what the policy allows."))
}

fn new_recording(
    opening: &Opening,
    bundle: Bundle,
    asked: OpenRecording,
    keys: &ProviderKeys,
    used: Option<NewUse>,
) -> NewRecording {
    let request = opening.request();
    let body = request.statement.body();
    let session: SessionId = opening.open().digest().clone().into();
    let provider_keys = sha256(keys.raw());
    let event = opened_event(opening, &session, &asked, &provider_keys);
    let detail = Detail {
        organization: body.organization.clone(),
        person: request.identity.person.clone(),
        name: request.identity.name.clone(),
        approvers: opening.countersigners().map(|who| who.person.clone()).collect(),
        approver_names: opening.countersigners().map(|who| who.name.clone()).collect(),
        reason: body.reason,
        ticket: body.ticket.clone(),
        bundle_json: asked.bundle_json,
        tls_client: asked.tls_client,
        provider_keys,
        policy: asked.policy,
    };
    NewRecording {
        session,
        request: request.statement.digest().clone(),
        device: request.identity.device.clone(),
        signed: Signed::of(opening, &bundle),
        opened_at: asked.opened_at,
        ends_at: asked.ends_at,
        scope: opening.terms().scope,
        detail,
        provider_keys: keys.raw().to_vec(),
        event,
        tokens: bundle.pk_tokens,
        used,
    }
}

/// An entry about what this bundle did, with its signatures and who made them.
pub(crate) fn signed_event(kind: EventKind, opening: &Opening, session: &SessionId) -> Append {
    let request = opening.request();
    let body = request.statement.body();
    let mut event = Append::new(kind)
        .organization(&body.organization.id)
        .session(session)
        .personal("requester", request.identity.person.to_string())
        .personal("requester-name", one_line(&request.identity.name))
        .personal("organization-name", &body.organization.name)
        .personal("ticket", &body.ticket)
        .statement(request.statement.compact());
    for (n, decision) in opening.decisions().iter().enumerate() {
        event = event
            .personal(&format!("approver-{n}"), decision.identity.person.to_string())
            .personal(&format!("approver-name-{n}"), one_line(&decision.identity.name))
            .statement(decision.statement.compact());
    }
    for (n, signer) in opening.break_glass().iter().flat_map(|p| p.signers()).enumerate() {
        event = event
            .personal(&format!("administrator-{n}"), signer.identity.person.to_string())
            .personal(&format!("administrator-name-{n}"), one_line(&signer.identity.name))
            .statement(signer.statement.compact());
    }
    event = event.statement(opening.open().compact());
    event.unique = Some(format!("grant/{}", request.statement.digest()));
    event
}

fn opened_event(opening: &Opening, session: &SessionId, asked: &OpenRecording, provider_keys: &Digest) -> Append {
    signed_event(EventKind::SessionOpened, opening, session)
        .fact("bundle", sha256(&asked.bundle_json).to_string())
        .fact("tls-client", asked.tls_client.to_string())
        .fact("opened-at", asked.opened_at.to_string())
        .fact("ends-at", asked.ends_at.to_string())
        .fact("provider-keys", provider_keys.to_string())
        .fact("policy", asked.policy.to_string())
        .fact("scope", crate::store::scope_word(opening.terms().scope))
        .fact("target", &asked.target)
}

/// A name as the identity provider writes it, without what could break a line or mislead.
pub(crate) fn one_line(name: &str) -> String {
    shown(name, 200)
}
