//! What this computer refuses by itself is told to the broker, which writes it into the log: after the person was told,
//! and never in their way. What cannot be told now is kept sealed in the profile, and told at the next contact.

use std::sync::Arc;
use std::time::Duration;

use domain::{Digest, OrgId, UnixSeconds};
use keys::{Sealer, remove};
use wire::broker::{LocalCode, LocalRefusal};

use super::{Engine, Inner, SignedIn};
use crate::profile::Profile;
use crate::view::UiError;

/// So many are kept; more of them would say nothing new.
const MOST: usize = 64;
/// The same is told once in this time, in seconds: windows look again and again.
const AGAIN: UnixSeconds = 600;
/// A command waits this long for what it refused to be told.
const PATIENCE: Duration = Duration::from_secs(3);

/// Refusals of this process.
#[derive(Default)]
pub(super) struct Refused {
    /// Not in the profile's file yet.
    unkept: Vec<LocalRefusal>,
    /// What was refused lately, and when.
    lately: Vec<(UnixSeconds, LocalRefusal)>,
    /// Something of this or of another process may lie in the profile's file.
    pub(super) maybe_kept: bool,
}

impl Engine {
    /// Gives what was refused here a moment to be told, before the process ends. What is not stays in the profile.
    pub async fn settle(&self) {
        if tokio::time::timeout(PATIENCE, self.inner.tell_refusals()).await.is_err() {
            tracing::info!("refusals wait in the profile until the broker answers");
        }
    }
}

impl Inner {
    /// Notes a refusal, and tells it in the background.
    pub(super) fn report(&self, code: LocalCode, request: Option<Digest>, organization: Option<OrgId>) {
        let refusal = LocalRefusal { code, request, organization };
        let now = self.now();
        let mut live = self.live();
        live.refused.lately.retain(|(at, _)| now - at < AGAIN);
        if live.refused.unkept.len() >= MOST || live.refused.lately.iter().any(|(_, earlier)| *earlier == refusal) {
            return;
        }
        live.refused.lately.push((now, refusal.clone()));
        live.refused.unkept.push(refusal);
        drop(live);
        self.tell_refusals_later();
    }

    /// The same for an error whose code the log knows; others are not refusals.
    pub(super) fn report_error(&self, error: &UiError, request: Option<&Digest>, organization: Option<&OrgId>) {
        let code = match error.code.as_str() {
            "duration-out-of-policy" => Some(LocalCode::DurationForbidden),
            "scope-not-for-reason" => Some(LocalCode::ScopeForbidden),
            word => word.parse().ok(),
        };
        if let Some(code) = code {
            self.report(code, request.cloned(), organization.cloned());
        }
    }

    /// Tells what waits, in the background, when something does.
    pub(super) fn tell_refusals_later(&self) {
        let waits = {
            let live = self.live();
            live.refused.maybe_kept || !live.refused.unkept.is_empty()
        };
        if let Some(inner) = self.me.upgrade().filter(|_| waits) {
            tokio::spawn(async move { inner.tell_refusals().await });
        }
    }

    /// Keeps what is new in the profile, then tells the broker all of it. Whatever fails is tried at the next contact.
    async fn tell_refusals(self: &Arc<Self>) {
        let _one_at_a_time = self.telling.lock().await;
        // The keyring is not opened for this: it may ask a person.
        let keys = self.live().keys.clone();
        let Some(keys) = keys else { return };
        let fresh = std::mem::take(&mut self.live().refused.unkept);
        let kept = match add(&self.profile, &keys.sealer, fresh) {
            Ok(kept) => kept,
            Err(error) => return tracing::warn!(code = error.code, "refusals could not be kept"),
        };
        self.live().refused.maybe_kept = !kept.is_empty();
        let person = self.live().person.clone();
        let (Some(person), false) = (person, kept.is_empty()) else { return };
        let told = tell(&person, &kept).await;
        match take_out(&self.profile, &keys.sealer, &told) {
            Ok(left) => self.live().refused.maybe_kept = left,
            Err(error) => tracing::warn!(code = error.code, "refusals that were told stay kept"),
        }
    }
}

/// Those that the broker took, or does not want.
async fn tell(person: &SignedIn, kept: &[LocalRefusal]) -> Vec<LocalRefusal> {
    let mut told = Vec::new();
    for refusal in kept {
        match person.broker.report_refusal(refusal).await {
            Ok(()) => told.push(refusal.clone()),
            // What it cannot take is not asked again; whom it does not let in may be let in later.
            Err(error) if matches!(error.status(), Some(400 | 404 | 405 | 413 | 415 | 422)) => {
                told.push(refusal.clone())
            }
            Err(error) => {
                tracing::info!(%error, "a refusal could not be told yet");
                break;
            }
        }
    }
    told
}

/// Adds to the profile's file, and gives all that is in it.
fn add(profile: &Profile, sealer: &Sealer, fresh: Vec<LocalRefusal>) -> Result<Vec<LocalRefusal>, UiError> {
    let _one_process = profile.lock()?;
    let mut kept = read(profile, sealer)?;
    if fresh.is_empty() {
        return Ok(kept);
    }
    kept.extend(fresh);
    kept.truncate(MOST);
    write(profile, sealer, &kept)?;
    Ok(kept)
}

/// Takes out what was told, one for one; whether something is left.
fn take_out(profile: &Profile, sealer: &Sealer, told: &[LocalRefusal]) -> Result<bool, UiError> {
    let _one_process = profile.lock()?;
    let mut kept = read(profile, sealer)?;
    for one in told {
        if let Some(at) = kept.iter().position(|k| k == one) {
            kept.remove(at);
        }
    }
    write(profile, sealer, &kept)?;
    Ok(!kept.is_empty())
}

fn read(profile: &Profile, sealer: &Sealer) -> Result<Vec<LocalRefusal>, UiError> {
    let text = match sealer.read(&profile.refusals_path()) {
        Ok(text) => text,
        // Sealed by another key, or altered: it is of no use to anybody any more.
        Err(keys::FileError::Altered(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default())
}

fn write(profile: &Profile, sealer: &Sealer, kept: &[LocalRefusal]) -> Result<(), UiError> {
    if kept.is_empty() {
        return Ok(remove(&profile.refusals_path())?);
    }
    let text = serde_json::to_vec(kept).unwrap_or_else(|_| unreachable!("plain structs serialize"));
    Ok(sealer.write(&profile.refusals_path(), &text)?)
}
