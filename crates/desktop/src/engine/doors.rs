mod extending;
mod handing_over;
mod opening;
mod tls;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use client::{CallError, GatewayClient};
use domain::{PersonId, UnixSeconds};
use keys::Lock;

use super::requests::digest;
use super::{Engine, Inner, SignedIn};
use crate::door::Door;
use crate::fault::{call, fault};
use crate::view::{DoorView, UiError};
use tls::TlsKey;

/// A code opens for 15 minutes; one that has less than this left is asked for again, in seconds.
const FACTOR_GOOD_FOR: i64 = 15 * 60 - 20;
/// Between two looks at the Session.
const EVERY: Duration = Duration::from_secs(1);

/// One Session of this computer.
pub(super) struct Open {
    pub(super) view: DoorView,
    /// Whose Session it is.
    person: PersonId,
    door: Option<Arc<Door>>,
    start: String,
    hosts: Vec<String>,
    gateway: GatewayClient,
    /// With it the same connection can be resumed when the gateway was restarted.
    tls: Arc<TlsKey>,
    /// No other process of the profile, and no second call here, opens the same while this is held.
    hold: Option<Lock>,
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

impl Engine {
    /// Opens the Session of an approved request on this computer, or comes back to one that is open already. A Session
    /// whose process was killed is resumed: the same Session, its clock as it was.
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
        let hold = inner.profile.hold_door(request.as_str())?.ok_or_else(open_elsewhere)?;
        let joined = inner.joined()?;
        if let Some(code) = code {
            inner.take_code(&code).await?;
        }
        let person = inner.person().await?;
        let attestation = person.fresh_factor(inner.now())?;
        inner.check_log(&joined).await?;
        inner.check_gateway(&joined).await?;
        let tls = Arc::new(TlsKey::make()?);
        let offer = inner.offer(&joined, &person, &request, attestation, &tls).await;
        let offer = offer.inspect_err(|error| inner.report_error(error, Some(&request), None))?;
        let opened = offer.gateway.open(offer.json.clone()).await.map_err(call("the gateway"))?;
        let gateway = offer.gateway.clone();
        let resumes = offer.resumes;
        let started = match inner.check_opened_in_time(&joined, &opened, &offer).await {
            Ok(()) => inner.start_door(&joined, offer, opened, tls, hold).await,
            Err(error) => {
                inner.report_error(&error, Some(&request), None);
                Err(error)
            }
        };
        if started.as_ref().is_err_and(|error| !resumes || lies(error)) {
            // Nobody would be there to use it: it does not stay open. One that was only resumed can be resumed again.
            drop(gateway.end().await);
        }
        started
    }

    /// Ends the Session of a request; the gateway cuts every stream.
    ///
    /// # Errors
    /// [`UiError`]; the door on this computer is closed in any case.
    pub async fn end_session(&self, request: &str) -> Result<(), UiError> {
        self.inner.end_session(request).await
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

impl Inner {
    async fn end_session(&self, request: &str) -> Result<(), UiError> {
        let gateway = {
            let mut live = self.live();
            let open = live.doors.get_mut(request).ok_or_else(not_open_here)?;
            if let Some(door) = open.door.take() {
                door.close();
            }
            open.gateway.clone()
        };
        let mut answer = gateway.end().await;
        if answer.as_ref().is_err_and(|e| e.code() == Some("no-session")) && self.resume(request).await.is_ok() {
            // The gateway was restarted: it knows the Session again now.
            answer = gateway.end().await;
        }
        let reason = answer.as_ref().ok().and_then(|s| s.ended_by.clone());
        self.ended(request, &reason.unwrap_or_else(|| "ended-by-requester".into()));
        match answer {
            // Refused, it is over already.
            Ok(_) | Err(CallError::Refused(_)) => Ok(()),
            Err(error) => Err(call("the gateway")(error)),
        }
    }

    /// Ends each Session here that is not this person's: who signs in goes through no door of somebody else's.
    pub(super) async fn end_sessions_of_others(&self, person: &PersonId) {
        let others = |open: &&Open| open.person != *person && open.view.ended_by.is_empty();
        let requests: Vec<String> =
            self.live().doors.values().filter(others).map(|open| open.view.request.clone()).collect();
        for request in requests {
            if let Err(error) = self.end_session(&request).await {
                tracing::warn!(code = error.code, "a Session of the person before could not be ended at the gateway");
            }
        }
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

/// Whether the gateway or the log showed something that cannot be true.
fn lies(error: &UiError) -> bool {
    matches!(error.code.as_str(), "other-receipt" | "not-in-the-log" | "log-broken")
}

fn open_elsewhere() -> UiError {
    fault(
        "open-elsewhere",
        "Another window or command of this profile has this Session open, or is opening it.",
        "Use it there, or end it there first.",
    )
}

fn not_open_here() -> UiError {
    fault("not-open-here", "This request has no Session open on this computer.", "Look at the list of Sessions.")
}

#[cfg(test)]
mod tests;
