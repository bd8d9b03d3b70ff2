use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{PersonId, SessionId};
use wire::broker::Push;

use super::{Engine, Inner};
use crate::view::{Notice, RequestView, SignatureCheck};

/// Between two checks of the log and the gateway.
const CHECK_EVERY: Duration = Duration::from_secs(15);
/// The longest pause before the broker is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

impl Engine {
    /// Follows the broker's pushes and looks at the log and the gateway, until the engine is dropped. For windows; the
    /// command line asks when it needs to know.
    pub fn watch(&self) {
        let weak = Arc::downgrade(&self.inner);
        let pushes = weak.clone();
        tokio::spawn(async move {
            let mut pause = Duration::from_secs(1);
            while let Some(inner) = pushes.upgrade() {
                pause = if inner.follow().await { Duration::from_secs(1) } else { (pause * 2).min(LONGEST_PAUSE) };
                drop(inner);
                tokio::time::sleep(pause).await;
            }
        });
        tokio::spawn(async move {
            let mut told = None;
            while let Some(inner) = weak.upgrade() {
                let mut pause = Duration::from_secs(1);
                if let Ok(joined) = inner.joined() {
                    pause = CHECK_EVERY;
                    // Both remember and tell what they found.
                    if inner.check_log(&joined).await.is_ok() {
                        inner.cosign_later(&joined);
                    }
                    drop(inner.check_gateway(&joined).await);
                    inner.hear_of_break_glass(&mut told).await;
                    inner.tell(Notice::State);
                }
                drop(inner);
                tokio::time::sleep(pause).await;
            }
        });
    }
}

impl Inner {
    /// Asks the audit service itself what it tells this person: a broker that hides everything hides this from nobody. What was
    /// there at the first look and is reviewed is old.
    async fn hear_of_break_glass(&self, told: &mut Option<BTreeSet<(PersonId, SessionId)>>) {
        let (Ok((_, audit)), Ok(person)) = (self.audit().await, self.person().await) else { return };
        let Ok(notices) = audit.notices().await else { return };
        let first = told.is_none();
        let told = told.get_or_insert_default();
        for one in notices.notices {
            if told.insert((person.identity.person.clone(), one.session)) && !(first && one.reviewed) {
                let text = format!("{} opened {} by break-glass.", one.name, one.organization.name);
                self.tell(Notice::Requests { id: String::new(), text });
            }
        }
    }

    /// One connection of pushes, until it ends or somebody else is signed in. Whether it was ever there.
    pub(super) async fn follow(&self) -> bool {
        let mut people = self.people.subscribe();
        tokio::select! {
            there = self.follow_one() => there,
            _ = people.changed() => true,
        }
    }

    async fn follow_one(&self) -> bool {
        let kept = self.live().person.clone();
        let Some(person) = kept else { return true };
        let answer = person.broker.pushes().await;
        self.note_broker(answer.as_ref().err());
        if answer.as_ref().is_err_and(|error| error.code() == Some("revoked")) && self.live().me.take().is_some() {
            self.tell(Notice::State);
        }
        let Ok(mut pushes) = answer else { return false };
        // Whatever happened while nobody listened is asked for again.
        self.tell(Notice::Requests { id: String::new(), text: String::new() });
        self.tell(Notice::Enrolments);
        loop {
            match pushes.next().await {
                Ok(Push::Hello) => {
                    self.note_broker(None);
                    self.policies_changed(&person).await;
                }
                Ok(Push::Policy) => self.policies_changed(&person).await,
                Ok(Push::Request { id, .. }) => {
                    let text = self.sentence(&id).await.unwrap_or_default();
                    self.tell(Notice::Requests { id: id.to_string(), text });
                }
                Ok(Push::Enrolment) => {
                    self.live().me = None;
                    self.tell(Notice::Enrolments);
                    self.tell(Notice::State);
                }
                Ok(Push::SecondFactor { person, change }) => self.tell_of_factor(&person, change),
                Err(error) => {
                    tracing::info!(%error, "the broker's pushes ended");
                    self.note_broker(Some(&error));
                    return true;
                }
            }
            let now = self.live().person.clone();
            if now.is_none_or(|now| now.identity.kid != person.identity.kid) {
                return true;
            }
        }
    }

    /// Looks at the policies again; what cannot be verified is said where it is needed.
    async fn policies_changed(&self, person: &super::SignedIn) {
        let Ok(joined) = self.joined() else { return };
        if let Err(error) = self.refresh_policies(&joined, person).await {
            tracing::info!(code = error.code, "the policies could not be looked at");
        }
        self.tell(Notice::Policies);
    }

    /// What a person should be told about a change, from what was verified here.
    pub(super) async fn sentence(&self, id: &domain::Digest) -> Option<String> {
        let (joined, person) = (self.joined().ok()?, self.person().await.ok()?);
        let shown = person.broker.request(id).await.ok()?;
        let view = self.show(&joined, &person, &shown, None).await.ok()?;
        sentence(&view)
    }
}

fn sentence(view: &RequestView) -> Option<String> {
    let signed = view.right.iter().rev().find(|r| r.check == SignatureCheck::ChecksOut);
    let who = signed.map_or("Somebody", |r| r.name.as_str());
    if view.extends.is_some() {
        return sentence_of_more(view, who);
    }
    match (view.mine, view.state.as_str()) {
        (false, "waiting") if view.decidable => {
            Some(format!("{} asks for access to {}.", view.left.name, view.organization.name))
        }
        (false, "withdrawn") => {
            Some(format!("{} withdrew the request for {}.", view.left.name, view.organization.name))
        }
        (true, "approved") => Some(format!("{who} countersigned. You can open {} now.", view.organization.name)),
        (true, "denied") => Some(format!("{who} denied your request for {}.", view.organization.name)),
        (true, "expired") => Some(format!("Your request for {} has expired.", view.organization.name)),
        _ => None,
    }
}

/// The same of more time in a Session; that it was countersigned, the session bar says when it counts.
fn sentence_of_more(view: &RequestView, who: &str) -> Option<String> {
    let (name, organization) = (&view.left.name, &view.organization.name);
    match (view.mine, view.state.as_str()) {
        (false, "waiting") if view.decidable => {
            Some(format!("{name} asks for more time in a session in {organization} that is open."))
        }
        (true, "denied") => Some(format!("{who} denied more time in your session in {organization}.")),
        (true, "expired") => Some(format!("Nobody countersigned more time in your session in {organization}.")),
        _ => None,
    }
}
