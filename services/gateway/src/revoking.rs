//! Revocations that somebody brings straight to the gateway: whoever holds back the broker's word does not hold back this.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Digest, PersonId, UnixSeconds};
use statement::{
    Bundle, Directory, Enrolments, PkToken, Refusal, Revoke, Revoked, Signer, Unverified, verify_factor_for,
    verify_revoke,
};
use tokio::time::timeout;
use wire::event::{Append, EventKind};
use wire::gateway::{Revocation, RevocationHeard};

use crate::life::{END_KEPT, Life};
use crate::refused::Refused;
use crate::session::{Ender, Session};

/// No revocation is longer than this, in bytes.
pub const MAX_REVOCATION: usize = 64 * 1024;
/// No more `enrol` statements than a chain to first administrators can have.
const MAX_ENROLS: usize = 32;

/// Revocations that were verified, until they expire: what opens meanwhile ends too, and what is brought again is not
/// written down twice.
#[derive(Default)]
pub struct Heard(Mutex<BTreeMap<Digest, (UnixSeconds, Revoked, Ender)>>);

impl Heard {
    /// Whether it is new.
    fn add(&self, signer: &Signer<Revoke>, now: UnixSeconds) -> bool {
        let signed = &signer.statement;
        let new = (signed.payload().exp, signed.body().revokes.clone(), ender(signer));
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.retain(|_, (expires, ..)| *expires > now);
        heard.insert(signed.digest().clone(), new).is_none()
    }

    fn all(&self) -> Vec<(Revoked, Ender)> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.values().map(|(_, revokes, ender)| (revokes.clone(), ender.clone())).collect()
    }
}

impl Life {
    /// Verifies a revocation and ends what it is about, before anything is written down.
    ///
    /// # Errors
    /// [`Refused`] naming the first check that failed.
    pub async fn revoke(&self, body: &[u8]) -> Result<RevocationHeard, Refused> {
        let asked: Revocation = serde_json::from_slice(body).map_err(|_| unreadable())?;
        if asked.enrols.len() > MAX_ENROLS {
            return Err(unreadable());
        }
        let provider = self.gate.provider_keys(&asked.pk_tokens).await?;
        let now = self.clock.now();
        let trust = &self.gate.trust;
        let verified = Directory::new(&asked.pk_tokens, trust, &provider).and_then(|directory| {
            let enrolments = Enrolments::derive(&asked.enrols, &directory, trust, now);
            let signer = verify_revoke(&asked.statement, &directory, &enrolments, trust, now)?;
            // Only what somebody signed: whoever brings it could put anything else beside it.
            let signed = asked.enrols.iter().filter(|enrol| directory.verify_enrol(enrol).is_ok());
            Ok((signer, signed.cloned().collect()))
        });
        let (signer, enrols) = verified.map_err(|refusal| not_believed(&refusal))?;
        if signer.is_of_own() && !self.is_attested(&signer, asked.mfa.as_deref()) {
            return Err(not_believed(&Refusal::NoSecondFactor));
        }
        let revokes = &signer.statement.body().revokes;
        // Before the Sessions are looked at: one that opens just now is ended where it begins.
        let new = self.heard.add(&signer, now);
        let mut ended = Vec::new();
        for session in self.sessions.open() {
            if self.is_meant(revokes, &session) {
                session.end_for(ender(&signer));
                ended.push(session);
            }
        }
        if new && self.may_last(&signer, asked.mfa.as_deref()) {
            let mut event = event(&signer, &asked, ended.len());
            // The entry stands with the Session's others, unless there are several.
            if let [session] = ended.as_slice() {
                let facts = session.facts();
                event = event.organization(&facts.organization.id).session(&facts.session);
            }
            self.events.later_beside(enrols, event);
        }
        until_kept(&ended).await;
        Ok(RevocationHeard { ended: ended.iter().map(|session| session.facts().session.clone()).collect() })
    }

    /// Ends a Session that was opened while somebody revoked it.
    pub(crate) fn end_if_revoked(&self, session: &Session) {
        if let Some((_, ender)) = self.heard.all().into_iter().find(|(revokes, _)| self.is_meant(revokes, session)) {
            session.end_for(ender);
        }
    }

    /// Whoever keeps others out for longer than a Session gives a code for exactly that.
    fn may_last(&self, signer: &Signer<Revoke>, mfa: Option<&str>) -> bool {
        match &signer.statement.body().revokes {
            Revoked::Grant(_) => true,
            Revoked::Device(device) if *device == signer.identity.device => true,
            Revoked::Device(_) | Revoked::Person(_) | Revoked::Sessions(_) => self.is_attested(signer, mfa),
        }
    }

    fn is_attested(&self, signer: &Signer<Revoke>, mfa: Option<&str>) -> bool {
        let (digest, kid) = (signer.statement.digest(), &signer.identity.kid);
        mfa.is_some_and(|mfa| verify_factor_for(digest, kid, mfa, &self.gate.trust).is_ok())
    }

    fn is_meant(&self, revokes: &Revoked, session: &Session) -> bool {
        let facts = session.facts();
        match revokes {
            Revoked::Grant(request) => {
                facts.request == *request
                    || session.extensions().iter().any(|e| e.request == *request)
                    || permission_of(&facts.bundle_json).as_ref() == Some(request)
            }
            Revoked::Sessions(sessions) => sessions.contains(&facts.session),
            Revoked::Device(device) => self.signers(session).iter().any(|(_, signed_with)| signed_with == device),
            Revoked::Person(person) => self.signers(session).iter().any(|(signed_by, _)| signed_by == person),
        }
    }

    /// Who asked and who countersigned, in advance and for more time too; each was verified when the Session opened or was extended.
    fn signers(&self, session: &Session) -> Vec<(PersonId, Digest)> {
        let extensions = session.extensions();
        let bundles = extensions.iter().map(|e| &e.logged.bundle_json).chain([&session.facts().bundle_json]);
        bundles.flat_map(|bundle_json| self.signers_of(bundle_json)).collect()
    }

    fn signers_of(&self, bundle_json: &str) -> Vec<(PersonId, Digest)> {
        let Ok(bundle) = serde_json::from_str::<Bundle>(bundle_json) else { return Vec::new() };
        let tokens: Vec<PkToken> = bundle.pk_tokens.iter().filter_map(|t| PkToken::read(t).ok()).collect();
        let asked = Unverified::<statement::Request>::read(&bundle.request).map(|r| r.kid().clone());
        let decided =
            bundle.decisions.iter().map(|d| Unverified::<statement::Decision>::read(d).map(|d| d.kid().clone()));
        let in_advance = bundle.break_glass.iter().flat_map(|permission| &permission.statements);
        let in_advance =
            in_advance.map(|s| Unverified::<statement::BreakGlass>::read(s).map(|signed| signed.kid().clone()));
        std::iter::once(asked)
            .chain(decided)
            .chain(in_advance)
            .filter_map(|kid| tokens.iter().find(|token| Ok(token.digest()) == kid.as_ref()))
            .filter_map(|token| token.claimed(&self.gate.trust).ok())
            .collect()
    }
}

/// Whoever hears that these are over is not to find them open again after a crash. On a disk that takes nothing they are over
/// all the same, and nobody waits longer.
async fn until_kept(ended: &[Arc<Session>]) {
    let kept = async {
        for session in ended {
            session.end_kept().cancelled().await;
        }
    };
    if timeout(END_KEPT, kept).await.is_err() {
        tracing::error!("Sessions were revoked, and that could not be noted on disk yet");
    }
}

fn ender(signer: &Signer<Revoke>) -> Ender {
    let (signed, who) = (&signer.statement, &signer.identity);
    Ender {
        person: who.person.0.clone(),
        name: who.name.clone(),
        reason: signed.body().reason.clone(),
        revocation: signed.digest().clone(),
    }
}

/// The break-glass permission that a Session was opened with: revoked by its digest, as a Grant is.
fn permission_of(bundle_json: &str) -> Option<Digest> {
    let bundle: Bundle = serde_json::from_str(bundle_json).ok()?;
    let request = Unverified::<statement::Request>::read(&bundle.request).ok()?;
    request.unverified_body().break_glass.clone()
}

/// What the log is told, under whatever service heard of it.
fn event(signer: &Signer<Revoke>, asked: &Revocation, ended: usize) -> Append {
    let (signed, who) = (&signer.statement, &signer.identity);
    let append = match &signed.body().revokes {
        Revoked::Grant(request) => Append::new(EventKind::Revoked).fact("request", request.as_str()),
        Revoked::Device(device) => Append::new(EventKind::Revoked).fact("revoked-device", device.as_str()),
        Revoked::Person(person) => Append::new(EventKind::Revoked).personal("revoked-person", &person.0),
        Revoked::Sessions(sessions) => Append::new(EventKind::Revoked)
            .fact("sessions", Revoked::digest_of_sessions(sessions).as_str())
            .fact("named", sessions.len().to_string()),
    };
    let token = asked.pk_tokens.iter().find(|token| statement::sha256(token) == *signed.kid());
    let append = append
        .fact("device", who.device.as_str())
        .fact("ended", ended.to_string())
        .personal("person", &who.person.0)
        .statement(signed.compact());
    token.into_iter().chain(&asked.mfa).fold(append, |append, text| append.statement(text))
}

fn not_believed(refusal: &Refusal) -> Refused {
    let title = format!("The revocation was refused: {refusal}.");
    Refused::new(403, refusal.code(), title, "Nothing was ended here. Sign in, then revoke again.")
}

fn unreadable() -> Refused {
    Refused::new(400, "malformed", "The revocation could not be read.", "Update Countersign and revoke again.")
}
