use std::sync::Arc;

use client::CallError;
use wire::broker::Me;

use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{device, label, seconds};
use crate::view::{
    AppState, FactorView, Link, LogVerdict, LogView, Notice, PersonView, SetupStep, StatusView, UiError,
};

/// A computer whose clock is further off signs statements that others refuse, in milliseconds.
const CLOCK_OFF_MS: i64 = 4_000;

impl Engine {
    /// How far this computer is, who is signed in, and how the parts are doing. It never fails: what fails is in it.
    ///
    /// # Errors
    /// None today; the type leaves room.
    pub async fn state(&self) -> Result<AppState, UiError> {
        let inner = &self.inner;
        let keys = inner.unlocked().await;
        let joined = inner.joined().ok();
        let mut state = AppState {
            profile: inner.config.profile.clone(),
            step: SetupStep::Join,
            operator: joined.as_ref().map(|j| j.file.operator.clone()).unwrap_or_default(),
            log_key: joined.as_ref().map(|j| j.file.trust.log_key.clone()).unwrap_or_default(),
            person: None,
            device: keys.as_ref().ok().map(|k| device(&k.device.public())),
            status: inner.status(joined.as_deref()),
            clock_offset_ms: 0,
            policy: joined.as_ref().map(|j| inner.offers(j)).unwrap_or_default(),
            factor: None,
            sign_in_failed: inner.live().sign_in_failed.clone(),
            revoked: None,
        };
        state.step = match (&keys, &joined) {
            (Err(error), _) => {
                state.status.keyring = format!("{} {}", error.message, error.next);
                SetupStep::NoKeyring
            }
            (_, None) => SetupStep::Join,
            (_, Some(joined)) => inner.step(joined, &mut state).await,
        };
        state.status = StatusView { keyring: state.status.keyring, ..inner.status(joined.as_deref()) };
        let offset = inner.live().clock_offset_ms;
        state.clock_offset_ms = i32::try_from(offset).unwrap_or(if offset < 0 { i32::MIN } else { i32::MAX });
        Ok(state)
    }

    /// Fetches the log's Checkpoint, verifies it and holds it to what this computer has seen.
    ///
    /// # Errors
    /// [`UiError`]: `log-broken`, `audit-unreachable`.
    pub async fn check_log(&self) -> Result<LogView, UiError> {
        let joined = self.inner.joined()?;
        self.inner.check_log(&joined).await?;
        // Handed in or not, what was checked was checked.
        if let Err(error) = self.inner.cosign(&joined).await {
            tracing::info!(code = error.code, "the log is not cosigned now");
        }
        Ok(joined.log.view(""))
    }
}

impl Inner {
    async fn step(&self, joined: &Arc<Joined>, state: &mut AppState) -> SetupStep {
        let person = match self.person().await {
            Ok(person) => person,
            Err(error) => {
                if error.code != "signed-out" {
                    state.sign_in_failed.get_or_insert_with(|| not_checked(error));
                }
                return SetupStep::SignIn;
            }
        };
        state.person = Some(PersonView {
            person: person.identity.person.0.clone(),
            name: person.identity.name.clone(),
            roles: person.identity.roles.iter().map(label).collect(),
        });
        state.revoked = self.known_out(&person);
        if state.revoked.is_some() {
            return SetupStep::KeyRevoked;
        }
        let me = match self.me(joined, &person).await {
            Ok(me) => me,
            // Only what is proven changes where a person stands: what a broker merely says is shown beside it.
            Err(error) if error.code == "revoked" => {
                let revoked = self.revoked_key(joined, &person).await;
                let proven = revoked.not_proven.is_none();
                state.revoked = Some(revoked);
                return match &person.factor {
                    _ if proven => SetupStep::KeyRevoked,
                    Some(_) => SetupStep::Ready,
                    None => SetupStep::Code,
                };
            }
            // Without the broker nothing can be set up or asked; what is known stays on screen.
            Err(error) => {
                tracing::info!(code = error.code, "the broker's word is missing");
                return if person.factor.is_some() { SetupStep::Ready } else { SetupStep::Code };
            }
        };
        state.factor = me.factor.as_ref().map(|factor| FactorView {
            since: seconds(factor.confirmed_at),
            counts_from: seconds(factor.counts_from),
            recovery_codes_left: factor.recovery_codes_left,
        });
        let enrolled = me.enrolled && !self.is_refused(joined, &person, &me).await;
        match (enrolled, me.second_factor, &person.factor) {
            (false, ..) => SetupStep::WaitForEnrolment,
            (true, false, _) => SetupStep::SecondFactor,
            (true, true, None) => SetupStep::Code,
            // What an earlier factor passed ended with it.
            (true, true, Some((_, at))) if me.factor.as_ref().is_some_and(|factor| *at < factor.confirmed_at) => {
                SetupStep::Code
            }
            (true, true, Some(_)) => SetupStep::Ready,
        }
    }

    /// What the broker knows of the signed-in person, asked again until it says that nothing is missing.
    pub(super) async fn me(&self, _joined: &Joined, person: &SignedIn) -> Result<Me, UiError> {
        let kept = self.live().me.clone();
        if let Some(me) = kept.filter(|me| me.enrolled && me.second_factor) {
            return Ok(me);
        }
        let answer = person.broker.me().await;
        self.note_broker(answer.as_ref().err());
        let me = answer.map_err(call("the broker"))?;
        self.live().me = Some(me.clone());
        Ok(me)
    }

    /// Remembers whether the broker answered.
    pub(super) fn note_broker(&self, error: Option<&CallError>) {
        let link = if error.is_some_and(CallError::is_unreachable) { Link::Unreachable } else { Link::Connected };
        let mut live = self.live();
        let changed = live.links.broker != link;
        live.links.broker = link;
        drop(live);
        if changed {
            self.tell(Notice::State);
        }
        if error.is_none() {
            self.tell_refusals_later();
        }
    }

    /// Every contact with the audit service begins here: its clock, then its Checkpoint.
    pub(super) async fn check_log(&self, joined: &Joined) -> Result<(), UiError> {
        let result = async {
            self.check_clock(joined).await?;
            joined.log.check().await.map(|_| ())
        }
        .await;
        let link = match &result {
            Err(error) if error.code == "audit-unreachable" => Link::Unreachable,
            _ => Link::Connected,
        };
        let mut live = self.live();
        let waiting = if link == Link::Unreachable { "The audit service does not answer." } else { "" };
        let changed = live.links.audit != link;
        live.links.audit = link;
        live.waiting = waiting.to_owned();
        drop(live);
        if changed || result.is_err() {
            self.tell(Notice::State);
        }
        self.tell_of_the_log(joined);
        if let Err(error) = &result
            && let "wrong-clock" | "log-broken" | "other-certificate" = error.code.as_str()
        {
            self.report_error(error, None, None);
        }
        result
    }

    /// Tells the windows when the log is another one than they last heard of: they load again on it, and loading looks
    /// at the log.
    pub(super) fn tell_of_the_log(&self, joined: &Joined) {
        let mut live = self.live();
        let view = joined.log.view(&live.waiting);
        let now = Some((view.verdict, view.root));
        if live.log_told != now {
            live.log_told = now;
            drop(live);
            self.tell(Notice::Log);
        }
    }

    async fn check_clock(&self, joined: &Joined) -> Result<(), UiError> {
        let before = self.config.clock.now_millis();
        let theirs = joined.log.client.time().await.map_err(call("the audit service"))?.now;
        let after = self.config.clock.now_millis();
        // Somewhere between sending and receiving the service read its clock: only what lies outside is an offset.
        let offset = if theirs < before {
            theirs - before
        } else if theirs > after {
            theirs - after
        } else {
            0
        };
        self.live().clock_offset_ms = offset;
        if offset.abs() <= CLOCK_OFF_MS {
            return Ok(());
        }
        let direction = if offset < 0 { "ahead" } else { "behind" };
        Err(fault(
            "wrong-clock",
            format!("This computer's clock is {} s {direction} of the audit service's.", offset.abs() / 1000),
            "Set this computer's clock (switch on automatic time), then try again.",
        ))
    }

    fn status(&self, joined: Option<&Joined>) -> StatusView {
        let live = self.live();
        let recording = live.doors.values().filter(|d| d.view.ended_by.is_empty()).count();
        let (links, waiting) = (&live.links, live.waiting.clone());
        StatusView {
            broker: links.broker,
            audit: links.audit,
            gateway: links.gateway,
            log: joined.map_or_else(no_log, |j| j.log.view(&waiting)),
            keyring: String::new(),
            sessions_recording: u32::try_from(recording).unwrap_or(u32::MAX),
        }
    }
}

/// Why the sign-in that is kept here cannot be used now. One that only waits for a service is not over.
fn not_checked(error: UiError) -> UiError {
    if matches!(error.code.as_str(), "provider-unreachable" | "audit-unreachable" | "unreachable") {
        let next = "The sign-in kept here is not lost. Check the network; Countersign tries again by itself.";
        return fault(&error.code, error.message, next);
    }
    error
}

fn no_log() -> LogView {
    LogView {
        verdict: LogVerdict::Waiting,
        size: 0,
        root: String::new(),
        words: Vec::new(),
        checked_at: None,
        detail: String::new(),
        checkpoints: Vec::new(),
        witnesses: Vec::new(),
        contradiction: None,
    }
}
