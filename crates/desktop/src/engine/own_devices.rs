use domain::{Digest, Role};
use statement::{ADMINISTRATORS_WAIT, Directory, Enrolments, Revoked};
use tokio::time::timeout;
use wire::broker::OwnDevice;
use wire::event::ANOTHER_LOG;

use super::enrolled::COMPARED_WITHIN;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault, refusal};
use crate::joined::Joined;
use crate::show::{key_short, seconds};
use crate::view::{OwnDeviceView, SignatureCheck, UiError};

impl Engine {
    /// The Devices of whoever is signed in here, this one first. Each enrolment is verified here: nobody puts another's Device
    /// out because a broker calls it theirs.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn own_devices(&self) -> Result<Vec<OwnDeviceView>, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let listed = person.broker.own_devices().await.map_err(call("the broker"))?;
        let (mut enrols, mut tokens) = (Vec::new(), Vec::new());
        for one in &listed {
            add(&mut enrols, one.enrols.clone());
            add(&mut tokens, one.enrol_tokens.clone());
        }
        let enrolments = self.inner.enrolments_of(&joined, &enrols, &tokens).await?;
        let forked = self.inner.of_another_log(&joined, &listed).await;
        let show = |one| self.inner.show_own(&person, one, &enrolments, &forked);
        let mut views: Vec<_> = listed.iter().map(show).collect();
        // A first administrator's key is pinned, and nobody enrols it.
        if !views.iter().any(|view| view.here) {
            views.push(shown(&person.identity.device, true));
        }
        views.sort_by_key(|view| !view.here);
        Ok(views)
    }
}

impl Inner {
    /// Those that somebody enrolled who was shown another log, as far as that is known in time.
    async fn of_another_log(&self, joined: &Joined, listed: &[OwnDevice]) -> Vec<Digest> {
        let mut found = Vec::new();
        let compared = async {
            for one in listed {
                let held = joined.log.signers_agree(&one.enrols, &[]).await;
                if let Ok(Some(ANOTHER_LOG)) = joined.log.said_of(held, (&one.enrols, &[]), &[]) {
                    found.push(one.device.clone());
                }
            }
        };
        let _ = timeout(COMPARED_WITHIN, compared).await;
        found
    }

    fn show_own(
        &self,
        person: &SignedIn,
        one: &OwnDevice,
        enrolments: &Enrolments,
        forked: &[Digest],
    ) -> OwnDeviceView {
        let who = &person.identity;
        let is_theirs = enrolments.is_of(&who.person, &one.device) && !forked.contains(&one.device);
        let waits = enrolments.waits_until(&who.person, &one.device, ADMINISTRATORS_WAIT).ok().flatten();
        OwnDeviceView {
            enrolled_at: Some(seconds(one.enrolled_at)),
            signed_in_at: one.signed_in_at.map(seconds),
            waits_until: waits.filter(|until| *until > self.now()).map(seconds),
            revoked: one.revoked,
            check: if is_theirs { SignatureCheck::ChecksOut } else { SignatureCheck::DoesNotMatch },
            ..shown(&one.device, one.device == who.device)
        }
    }

    async fn enrolments_of(
        &self,
        joined: &Joined,
        enrols: &[String],
        tokens: &[String],
    ) -> Result<Enrolments, UiError> {
        let provider = joined.keys_for(tokens).await?;
        let trust = &joined.file.trust;
        let directory = Directory::of_stored(tokens, trust, &provider);
        Ok(Enrolments::derive(enrols, &directory, trust, self.now()))
    }

    /// The other Device of theirs that this names, with both chains, by what everybody who verifies it asks; nothing where it is
    /// their role that is asked.
    pub(super) async fn own_named(
        &self,
        joined: &Joined,
        person: &SignedIn,
        revokes: &Revoked,
    ) -> Result<Option<OwnDevice>, UiError> {
        let who = &person.identity;
        let Revoked::Device(device) = revokes else { return Ok(None) };
        if *device == who.device || who.roles.contains(&Role::Administrator) {
            return Ok(None);
        }
        let listed = person.broker.own_devices().await.map_err(call("the broker"))?;
        let Some(mut named) = listed.into_iter().find(|one| one.device == *device) else { return Ok(None) };
        let me = self.me(joined, person).await?;
        add(&mut named.enrols, me.enrols);
        add(&mut named.enrol_tokens, me.enrol_tokens);
        let enrolments = self.enrolments_of(joined, &named.enrols, &named.enrol_tokens).await?;
        if !enrolments.is_of(&who.person, device) {
            return Err(fault(
                "does-not-match",
                "The broker shows a computer as yours that nobody enrolled for you.",
                "Remove nothing. Tell security.",
            ));
        }
        enrolments.check_waited(who, self.now(), ADMINISTRATORS_WAIT).map_err(refusal("this computer"))?;
        Ok(Some(named))
    }
}

fn add(to: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !to.contains(&one) {
            to.push(one);
        }
    }
}

fn shown(device: &Digest, here: bool) -> OwnDeviceView {
    OwnDeviceView {
        device: device.to_string(),
        key_short: key_short(device),
        here,
        enrolled_at: None,
        signed_in_at: None,
        waits_until: None,
        revoked: false,
        check: SignatureCheck::ChecksOut,
    }
}
