//! Revocations that somebody brings straight to the gateway: whoever holds back the broker's word does not hold back this.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::{Digest, PersonId, UnixSeconds};
use statement::{Bundle, Directory, Enrolments, PkToken, Refusal, Revoke, Revoked, Signer, Unverified, verify_revoke};
use wire::event::{Append, EventKind};
use wire::gateway::{Revocation, RevocationHeard};

use crate::life::Life;
use crate::refused::Refused;
use crate::session::{Facts, Session};

/// No revocation is longer than this, in bytes.
pub const MAX_REVOCATION: usize = 64 * 1024;
/// No more `enrol` statements than a chain to first administrators can have.
const MAX_ENROLS: usize = 32;

/// Revocations that were acted on, until they expire: one that is brought again ends what is open by then, and is not
/// written down twice.
#[derive(Default)]
pub struct Heard(Mutex<BTreeMap<Digest, UnixSeconds>>);

impl Heard {
    /// Whether it is new.
    fn add(&self, digest: &Digest, expires: UnixSeconds, now: UnixSeconds) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.retain(|_, expires| *expires > now);
        heard.insert(digest.clone(), expires).is_none()
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
            verify_revoke(&asked.statement, &directory, &enrolments, trust, now)
        });
        let signer = verified.map_err(|refusal| not_believed(&refusal))?;
        let mut ended = Vec::new();
        for session in self.sessions.open() {
            if self.is_meant(&signer.statement.body().revokes, &session) {
                session.end("revoked");
                ended.push(session.facts().clone());
            }
        }
        let (digest, expires) = (signer.statement.digest(), signer.statement.payload().exp);
        if self.heard.add(digest, expires, now) {
            let mut event = event(&signer, &asked, ended.len());
            // The entry stands with the Session's others, unless there are several.
            if let [facts] = ended.as_slice() {
                event = event.organization(&facts.organization.id).session(&facts.session);
            }
            self.events.later(event);
        }
        Ok(RevocationHeard { ended: ended.into_iter().map(|facts| facts.session).collect() })
    }

    fn is_meant(&self, revokes: &Revoked, session: &Session) -> bool {
        let facts = session.facts();
        match revokes {
            Revoked::Grant(request) => facts.request == *request,
            Revoked::Device(device) => self.signers(facts).iter().any(|(_, signed_with)| signed_with == device),
            Revoked::Person(person) => self.signers(facts).iter().any(|(signed_by, _)| signed_by == person),
        }
    }

    /// Who asked and who countersigned, with which Devices; each was verified when the Session opened.
    fn signers(&self, facts: &Facts) -> Vec<(PersonId, Digest)> {
        let Ok(bundle) = serde_json::from_str::<Bundle>(&facts.bundle_json) else { return Vec::new() };
        let tokens: Vec<PkToken> = bundle.pk_tokens.iter().filter_map(|t| PkToken::read(t).ok()).collect();
        let asked = Unverified::<statement::Request>::read(&bundle.request).map(|r| r.kid().clone());
        let decided =
            bundle.decisions.iter().map(|d| Unverified::<statement::Decision>::read(d).map(|d| d.kid().clone()));
        std::iter::once(asked)
            .chain(decided)
            .filter_map(|kid| tokens.iter().find(|token| Ok(token.digest()) == kid.as_ref()))
            .filter_map(|token| token.claimed(&self.gate.trust).ok())
            .collect()
    }
}

/// What the log is told, under whatever service heard of it.
fn event(signer: &Signer<Revoke>, asked: &Revocation, ended: usize) -> Append {
    let (signed, who) = (&signer.statement, &signer.identity);
    let append = match &signed.body().revokes {
        Revoked::Grant(request) => Append::new(EventKind::Revoked).fact("request", request.as_str()),
        Revoked::Device(device) => Append::new(EventKind::Revoked).fact("revoked-device", device.as_str()),
        Revoked::Person(person) => Append::new(EventKind::Revoked).personal("revoked-person", &person.0),
    };
    let token = asked.pk_tokens.iter().find(|token| statement::sha256(token) == *signed.kid());
    let append = append
        .fact("device", who.device.as_str())
        .fact("ended", ended.to_string())
        .personal("person", &who.person.0)
        .statement(signed.compact());
    token.into_iter().fold(append, |append, token| append.statement(token))
}

fn not_believed(refusal: &Refusal) -> Refused {
    let title = format!("The revocation was refused: {refusal}.");
    Refused::new(403, refusal.code(), title, "Nothing was ended here. Sign in, then revoke again.")
}

fn unreadable() -> Refused {
    Refused::new(400, "malformed", "The revocation could not be read.", "Update Countersign and revoke again.")
}
