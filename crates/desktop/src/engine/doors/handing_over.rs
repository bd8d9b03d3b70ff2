use std::sync::Arc;

use domain::Digest;
use statement::{Request, SessionOpen, Unverified};
use wire::broker::{RequestState, RequestView as Shown};

use super::watching::WAITS;
use crate::engine::{Inner, SignedIn};
use crate::fault::{call, fault};
use crate::show::seconds;
use crate::view::{MoreState, MoreView, SignatureCheck, UiError};

impl Inner {
    /// Hands a countersigned extension to the gateway, over the Session's own connection. Until it is decided, while parts are
    /// away, and while the last code is too old, it waits.
    pub(super) async fn hand_over(&self, request: &str) {
        let Some(extension) = self.profile.extension(request) else { return };
        let more = match self.try_to_extend(request, &extension).await {
            Ok(more) => more,
            Err(error) if WAITS.contains(&error.code.as_str()) => return,
            Err(error) => {
                tracing::warn!(code = error.code, "the session was not extended");
                self.report_error(&error, Some(&extension), None);
                self.refused(request, &extension, &error)
            }
        };
        let waits = matches!(more.state, MoreState::Waiting | MoreState::Countersigned | MoreState::CodeNeeded);
        self.change_door(request, |view| view.more = Some(more));
        if !waits && let Err(error) = self.profile.forget_extension(request) {
            tracing::warn!(code = error.code, "an extension's note stays");
        }
    }

    async fn try_to_extend(&self, request: &str, extension: &Digest) -> Result<MoreView, UiError> {
        let (joined, person) = (self.joined()?, self.person().await?);
        let shown = person.broker.request(extension).await.map_err(call("the broker"))?;
        let mut more = became(&shown, extension)?;
        if more.state == MoreState::Denied {
            let view = self.show(&joined, &person, &shown, None).await?;
            let denied = view.right.iter().find(|r| r.verdict == "deny" && r.check == SignatureCheck::ChecksOut);
            more.why = denied.map(|r| r.comment.clone()).unwrap_or_default();
        }
        if more.state != MoreState::Countersigned {
            return Ok(more);
        }
        let (person, attestation) = match self.recent_code().await {
            Err(error) if error.code == "code-needed" => return Ok(MoreView { state: MoreState::CodeNeeded, ..more }),
            answer => answer?,
        };
        let (tls, gateway) = {
            let live = self.live();
            let open = live.doors.get(request).ok_or_else(super::not_open_here)?;
            (open.tls.clone(), open.gateway.clone())
        };
        let materials = person.broker.materials(extension).await.map_err(call("the broker"))?;
        if statement::sha256(&materials.request) != *extension {
            return Err(other_request());
        }
        let open = SessionOpen {
            decisions: materials.decisions.iter().map(statement::sha256).collect(),
            request: extension.clone(),
            tls_client: tls.digest.clone(),
        };
        let open = self.sign(&joined, &person, open, 60)?;
        let bundle = self.bundle(&person, materials, attestation, open);
        let json =
            serde_json::to_vec(&bundle).map_err(|_| fault("unmade", "The bundle cannot be written.", "Try again."))?;
        let status = gateway.extend(json).await.map_err(call("the gateway"))?;
        let ends_at = seconds(status.ends_at);
        self.change_door(request, |view| view.ends_at = ends_at);
        Ok(MoreView { state: MoreState::Extended, ends_at, ..more })
    }

    /// A code of the last 15 minutes: this process's, or one that another of the profile took since for the same sign-in.
    pub(super) async fn recent_code(&self) -> Result<(Arc<SignedIn>, String), UiError> {
        let person = self.person().await?;
        if let Ok(attestation) = person.fresh_factor(self.now()) {
            return Ok((person, attestation));
        }
        let person = self.with_kept_factor(person).await?;
        let attestation = person.fresh_factor(self.now())?;
        Ok((person, attestation))
    }

    /// What is shown of one that came to nothing.
    fn refused(&self, request: &str, extension: &Digest, error: &UiError) -> MoreView {
        let known = self.live().doors.get(request).and_then(|open| open.view.more.clone());
        let known = known.filter(|more| more.request == extension.as_str());
        let (seconds, ends_at) = known.map_or((0, 0), |more| (more.seconds, more.ends_at));
        let why = format!("{} {}", error.message, error.next);
        MoreView { request: extension.to_string(), seconds, ends_at, state: MoreState::Refused, why }
    }
}

/// How far it is, as the broker says; what was asked for, as this computer signed it.
fn became(shown: &Shown, extension: &Digest) -> Result<MoreView, UiError> {
    if statement::sha256(&shown.request) != *extension {
        return Err(other_request());
    }
    let signed = Unverified::<Request>::read(&shown.request).map_err(|_| other_request())?;
    let body = signed.unverified_body();
    let extends = body.extends.as_ref().ok_or_else(other_request)?;
    let ends_at = extends.opened_at.saturating_add(body.duration_seconds);
    let extended = shown.ended_by.as_deref() == Some("extended");
    Ok(MoreView {
        request: extension.to_string(),
        seconds: seconds(ends_at.saturating_sub(extends.ends_at)),
        ends_at: seconds(ends_at),
        state: match shown.state {
            RequestState::Waiting => MoreState::Waiting,
            RequestState::Approved => MoreState::Countersigned,
            RequestState::Denied => MoreState::Denied,
            RequestState::Withdrawn => MoreState::Withdrawn,
            RequestState::Expired => MoreState::Expired,
            RequestState::Open | RequestState::Ended if extended => MoreState::Extended,
            RequestState::Open | RequestState::Ended => MoreState::Refused,
        },
        why: String::new(),
    })
}

fn other_request() -> UiError {
    fault(
        "does-not-match",
        "The broker shows another request than the one that was signed here.",
        "Nothing was extended. Tell security.",
    )
}
