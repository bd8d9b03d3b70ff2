use domain::{Digest, PersonId, Role, SessionId};
use statement::{MAX_SESSIONS, Revoke, Revoked};
use wire::broker::OwnDevice;
use wire::gateway::Revocation;

use super::factor::six_digits;
use super::requests::digest;
use super::sessions::session_id;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{count, key_short, seconds};
use crate::view::{EnrolledDeviceView, Notice, RevokedView, UiError};

/// A revocation says why in at least this many characters.
const SHORTEST_REASON: usize = 10;

impl Engine {
    /// Devices that somebody enrolled, newest first; for administrators.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn devices(&self) -> Result<Vec<EnrolledDeviceView>, UiError> {
        let person = self.inner.person().await?;
        let devices = person.broker.devices().await.map_err(call("the broker"))?;
        let view = |one: wire::broker::DeviceView| EnrolledDeviceView {
            person: one.person.0,
            name: one.name,
            key_short: key_short(&one.device),
            device: one.device.to_string(),
            enrolled_at: seconds(one.enrolled_at),
            revoked: one.revoked,
        };
        Ok(devices.into_iter().map(view).collect())
    }

    /// Takes one Grant away. It takes no code: to stop is easy.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn revoke_grant(&self, request: &str, reason: &str) -> Result<RevokedView, UiError> {
        let request = digest(request)?;
        self.inner.revoke(Revoked::Grant(request), reason, None).await
    }

    /// Takes a Device out for good, with a code for exactly that. Whoever takes this one out is signed out here.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn revoke_device(&self, device: &str, reason: &str, code: &str) -> Result<RevokedView, UiError> {
        let device: Digest =
            device.parse().map_err(|_| fault("bad-form", "This is no key.", "Use the one from the list."))?;
        let here = self.inner.person().await?.identity.device == device;
        let revoked = self.inner.revoke(Revoked::Device(device), reason, Some(six_digits(code)?)).await?;
        if here && let Err(error) = self.sign_out().await {
            tracing::warn!(code = error.code, "a revoked Device stays signed in here, and nobody answers it any more");
        }
        Ok(revoked)
    }

    /// Takes every Device of a person out that is enrolled by now, with a code for exactly that.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn revoke_person(&self, person: &str, reason: &str, code: &str) -> Result<RevokedView, UiError> {
        let person = PersonId(person.trim().to_ascii_lowercase());
        self.inner.revoke(Revoked::Person(person), reason, Some(six_digits(code)?)).await
    }

    /// Ends exactly these Sessions, whoever is inside, with a code for exactly that.
    ///
    /// # Errors
    /// [`UiError`]
    pub async fn end_sessions(&self, sessions: &[String], reason: &str, code: &str) -> Result<RevokedView, UiError> {
        let mut named = sessions.iter().map(|id| session_id(id)).collect::<Result<Vec<_>, _>>()?;
        named.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        named.dedup();
        if named.is_empty() || named.len() > MAX_SESSIONS {
            return Err(fault(
                "bad-form",
                format!("One signature ends 1 to {MAX_SESSIONS} Sessions, and this names {}.", named.len()),
                "Nothing was signed. Name fewer, then the others with another code.",
            ));
        }
        self.inner.revoke(Revoked::Sessions(named), reason, Some(six_digits(code)?)).await
    }
}

impl Inner {
    /// Signs it and brings it to the broker and, past the broker, to the gateway.
    async fn revoke(&self, revokes: Revoked, reason: &str, code: Option<String>) -> Result<RevokedView, UiError> {
        let reason = reason.trim();
        if reason.chars().count() < SHORTEST_REASON {
            return Err(fault(
                "bad-text",
                "A revocation needs a reason of 10 characters or more.",
                "Write why; it is kept with the revocation.",
            ));
        }
        let (joined, person) = (self.joined()?, self.person().await?);
        let own = self.own_named(&joined, &person, &revokes).await?;
        if own.is_none() {
            check_role(&person, &revokes)?;
        }
        let request = if let Revoked::Grant(request) = &revokes { Some(request.clone()) } else { None };
        let body = Revoke { reason: reason.to_owned(), revokes };
        let statement = self.sign(&joined, &person, body, 300)?;
        let mfa = match code {
            Some(code) => match self.code_for(&joined, &person, &statement, &code, None).await {
                Ok(mfa) => Some(mfa),
                // A broker that takes no code does not keep open what is to be closed; a wrong one is typed again.
                Err(error) if is_away(&error) && own.is_none() => {
                    let ended = self.bring(&joined, &person, &statement, None, None).await;
                    return Err(ended.map_or(error, |ended| in_part(ended.len())));
                }
                Err(error) => return Err(error),
            },
            None => None,
        };
        let (heard, told) = tokio::join!(
            self.bring(&joined, &person, &statement, mfa.clone(), own),
            person.broker.revoke(&statement, mfa)
        );
        if let Some(request) = request {
            self.tell(Notice::Requests { id: request.to_string(), text: String::new() });
        }
        match (told, heard) {
            (Ok(()), heard) => Ok(RevokedView {
                gateway: heard.is_some(),
                ended: heard.as_ref().map_or(0, |ended| count(ended.len() as u64)),
                sessions: heard.iter().flatten().map(ToString::to_string).collect(),
            }),
            (Err(error), Some(ended)) if error.is_unreachable() => Err(in_part(ended.len())),
            (Err(error), _) => Err(call("the broker")(error)),
        }
    }

    /// The Sessions that the gateway ended; `None` when it did not hear. Beside another Device of one's own goes what says
    /// whose it is.
    async fn bring(
        &self,
        joined: &Joined,
        person: &SignedIn,
        statement: &str,
        mfa: Option<String>,
        own: Option<OwnDevice>,
    ) -> Option<Vec<SessionId>> {
        let (enrols, mut pk_tokens) = match own {
            Some(own) => (own.enrols, own.enrol_tokens),
            None => self.me(joined, person).await.ok().map(|me| (me.enrols, me.enrol_tokens))?,
        };
        let token = person.credentials.pk_token.to_string();
        if !pk_tokens.contains(&token) {
            pk_tokens.push(token);
        }
        let revocation = Revocation { statement: statement.to_owned(), mfa, pk_tokens, enrols };
        match joined.gateway.revoke(&revocation).await {
            Ok(heard) => Some(heard.ended),
            Err(error) => {
                tracing::warn!(%error, "the gateway did not take a revocation");
                None
            }
        }
    }
}

fn is_away(error: &UiError) -> bool {
    ["broker-unreachable", "audit-unreachable", "storage-failed", "busy", "clocks-differ"]
        .contains(&error.code.as_str())
}

/// The gateway acted, and nothing lasting was written.
fn in_part(ended: usize) -> UiError {
    fault(
        "revoked-in-part",
        format!(
            "The gateway ended {ended} open sessions. The broker did not take it, so new ones can still be asked for."
        ),
        "Revoke again in a minute.",
    )
}

/// What everybody who verifies it asks, asked before anything is signed.
fn check_role(person: &SignedIn, revokes: &Revoked) -> Result<(), UiError> {
    let has = |role| person.identity.roles.contains(&role);
    let may = match revokes {
        Revoked::Sessions(sessions) if sessions.len() > 1 => has(Role::Reviewer),
        Revoked::Grant(_) | Revoked::Sessions(_) => {
            has(Role::Approver) || has(Role::Reviewer) || has(Role::Administrator)
        }
        Revoked::Device(device) => *device == person.identity.device || has(Role::Administrator),
        Revoked::Person(_) => has(Role::Administrator),
    };
    if may { Ok(()) } else { Err(fault("missing-role", "Your role does not revoke this.", "Ask an administrator.")) }
}
