//! Another key for this computer, once the one that it has is out for good: by an entry of the log and a signature that were
//! verified here. What the broker or the audit service says of it throws no key away.

use std::sync::Arc;
use std::time::Duration;

use client::CallError;
use domain::{Digest, UnixSeconds};
use statement::{
    Directory, Enrolments, KnownKeys, Revoke, Revoked, Signer, sha256, verify_factor_for, verify_kept_revoke,
};
use tokio::time::timeout;
use wire::audit::LoggedRevocation;
use wire::event::EventKind;

use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault, refusal};
use crate::joined::Joined;
use crate::show::seconds;
use crate::view::{AppState, RevokedKeyView, UiError};

/// Whoever looks at the state waits no longer than this for the proof; it is looked for again the next time.
const PROVEN_WITHIN: Duration = Duration::from_secs(5);

/// That this Device is out for good, as it was verified here.
#[derive(Debug, Clone)]
pub(super) struct OutForGood {
    device: Digest,
    /// The name of whoever signed it, as the identity provider has it.
    by: String,
    reason: String,
    at: UnixSeconds,
}

impl Engine {
    /// Makes another Device key in the place of this computer's, when that one is out for good, and signs out: nothing that was
    /// bound to the old one is of use any more. What this computer knows of the log stays; one that saw another log makes no key.
    ///
    /// # Errors
    /// [`UiError`]: `key-counts` when it was not revoked, `revocation-not-proven`, `log-broken`.
    pub async fn new_key(&self) -> Result<AppState, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        self.inner.check_log(&joined).await?;
        if !said_revoked(person.broker.me().await.map(drop))? {
            return Err(counts("The server accepts this computer's key."));
        }
        let out = self.inner.out_for_good(&joined, &person).await?.ok_or_else(|| counts(NOT_IN_THE_LOG))?;
        self.inner.replace_key(&out).await?;
        self.sign_out().await
    }
}

impl Inner {
    /// What the state says of a key that the broker calls revoked. Once that is proven nobody is asked again.
    pub(super) async fn revoked_key(&self, joined: &Joined, person: &SignedIn) -> RevokedKeyView {
        match timeout(PROVEN_WITHIN, self.out_for_good(joined, person)).await {
            Ok(Ok(Some(out))) => {
                self.live().out = Some(out.clone());
                out.show()
            }
            Ok(Ok(None)) => unproven(counts(NOT_IN_THE_LOG)),
            Ok(Err(error)) => unproven(error),
            Err(_) => unproven(fault("audit-unreachable", "The audit service takes too long.", "It is asked again.")),
        }
    }

    /// The same of one that was proven before.
    pub(super) fn known_out(&self, person: &SignedIn) -> Option<RevokedKeyView> {
        let out = self.live().out.clone();
        out.filter(|out| out.device == person.identity.device).map(|out| out.show())
    }

    /// Whether the log has a revocation of the Device that is signed in, and whoever signed it may revoke it. Nothing when the audit
    /// service says that there is none.
    async fn out_for_good(&self, joined: &Joined, person: &SignedIn) -> Result<Option<OutForGood>, UiError> {
        let answer = joined.log.client.own_revocation(&person.credentials).await.map_err(call("the audit service"))?;
        let Some(logged) = answer.logged else { return Ok(None) };
        let (event, _) = joined.log.prove(&logged.receipt).await?;
        if event.kind != EventKind::Revoked || !event.statements.contains(&sha256(&logged.statement)) {
            return Err(not_proven("the entry that was shown is about something else"));
        }
        // What happened is looked at with the keys that the issuer published then.
        let keys = joined.keys_for(&logged.pk_tokens).await?.as_of(event.at.div_euclid(1000));
        let signer = self.revoked_by(joined, person, &logged, &keys)?;
        joined.log.signers_agree(&logged.enrols, std::slice::from_ref(&logged.statement)).await?;
        Ok(Some(OutForGood {
            device: person.identity.device.clone(),
            by: signer.identity.name,
            reason: signer.statement.body().reason.clone(),
            at: signer.statement.payload().iat,
        }))
    }

    /// Whoever signed it, when they may, and what it revokes is this Device.
    fn revoked_by(
        &self,
        joined: &Joined,
        person: &SignedIn,
        logged: &LoggedRevocation,
        keys: &KnownKeys,
    ) -> Result<Signer<Revoke>, UiError> {
        let (trust, now, who) = (&joined.file.trust, self.now(), &person.identity);
        let directory = Directory::of_stored(&logged.pk_tokens, trust, keys);
        let enrolments = Enrolments::derive(&logged.enrols, &directory, trust, now);
        let signer = verify_kept_revoke(&logged.statement, &directory, &enrolments, trust, now)
            .map_err(refusal("the revocation of this computer's key"))?;
        let (digest, revokes) = (signer.statement.digest(), &signer.statement.body().revokes);
        // A Device that gives itself up is believed by its signature, as the log believes it.
        if *revokes != Revoked::Device(signer.identity.device.clone()) {
            let mfa = logged.mfa.as_deref().unwrap_or_default();
            verify_factor_for(digest, &signer.identity.kid, mfa, trust)
                .map_err(refusal("the code of the revocation of this computer's key"))?;
        }
        let at = signer.statement.payload().iat;
        let is_this = match revokes {
            Revoked::Device(device) => *device == who.device,
            // Of the computers that were enrolled by then: one that was enrolled later counts.
            Revoked::Person(revoked) if *revoked == who.person => {
                let dates = logged.enrols.iter().filter_map(|text| {
                    let (enrol, _) = directory.verify_enrol(text).ok()?;
                    let is_own = enrol.body().device == who.device && enrol.body().person == who.person;
                    is_own.then(|| enrol.payload().iat)
                });
                let last = dates.max().or_else(|| trust.first_administrators.contains(&who.device).then_some(0));
                last.is_some_and(|last| last <= at) && enrolments.check(who).is_ok()
            }
            Revoked::Person(_) | Revoked::Grant(_) | Revoked::Sessions(_) => false,
        };
        if is_this { Ok(signer) } else { Err(not_proven("what was signed revokes another key")) }
    }

    /// Another key in the keyring, and nobody signed in with the old one.
    async fn replace_key(&self, out: &OutForGood) -> Result<(), UiError> {
        let _one_at_a_time = self.opening.lock().await;
        let device = out.device.clone();
        let keys = self.of_keyring(move |keyring, profile| keyring.replace_device_key(profile, &device)).await?;
        let mut live = self.live();
        live.keys = Some(Arc::new(keys));
        live.person = None;
        live.me = None;
        live.out = None;
        live.cosigned = None;
        // One that waits for the browser would sign in with the old key.
        live.sign_in = None;
        Ok(())
    }
}

impl OutForGood {
    fn show(&self) -> RevokedKeyView {
        RevokedKeyView {
            by: self.by.clone(),
            reason: self.reason.clone(),
            at: Some(seconds(self.at)),
            not_proven: None,
        }
    }
}

/// Whether the broker says so. Without its word nobody could enrol the new key either.
fn said_revoked(answer: Result<(), CallError>) -> Result<bool, UiError> {
    match answer {
        Ok(()) => Ok(false),
        Err(error) if error.code() == Some("revoked") => Ok(true),
        Err(error) => Err(call("the broker")(error)),
    }
}

fn unproven(error: UiError) -> RevokedKeyView {
    RevokedKeyView { by: String::new(), reason: String::new(), at: None, not_proven: Some(error) }
}

const NOT_IN_THE_LOG: &str = "The log has no revocation of this computer's key.";

fn counts(why: &str) -> UiError {
    fault("key-counts", why, "The key was not touched. If the server refuses it all the same, tell an administrator.")
}

fn not_proven(why: &str) -> UiError {
    fault(
        "revocation-not-proven",
        format!("The revocation of this computer's key is not proven: {why}."),
        "The key was not touched. Tell security.",
    )
}
