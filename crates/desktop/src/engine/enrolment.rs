use domain::Role;
use statement::{Enrol, Identity, PkToken};
use wire::broker::PendingEnrolment;

use super::factor::six_digits;
use super::{Engine, Inner};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{key_short, seconds};
use crate::view::{EnrolmentView, Notice, SignatureCheck, UiError};

impl Engine {
    /// Devices that wait for an administrator, each with the check of its PK token made here.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn enrolments(&self) -> Result<Vec<EnrolmentView>, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let pending = person.broker.enrolments().await.map_err(call("the broker"))?;
        let mut views = Vec::with_capacity(pending.len());
        for one in &pending {
            views.push(show(one, self.inner.pending_identity(&joined, one).await.as_ref().ok()));
        }
        Ok(views)
    }

    /// Signs that this Device belongs to this person, after verifying their PK token here; has the code taken for exactly
    /// this signature, and sends both.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn enrol(&self, person_id: &str, device: &str, code: &str) -> Result<Vec<EnrolmentView>, UiError> {
        let code = six_digits(code)?;
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        if !person.identity.roles.contains(&Role::Administrator) {
            return Err(fault("missing-role", "Only administrators enrol Devices.", "Ask an administrator."));
        }
        self.inner.check_log(&joined).await?;
        let pending = person.broker.enrolments().await.map_err(call("the broker"))?;
        let wanted = pending.iter().find(|p| p.person.0 == person_id && p.device.as_str() == device);
        let wanted = wanted.ok_or_else(|| {
            fault(
                "nobody-waits",
                "Nobody with this name and Device waits for enrolment.",
                "Look at the list again; somebody else may have enrolled them.",
            )
        })?;
        let identity = self.inner.pending_identity(&joined, wanted).await?;
        if identity.person == person.identity.person {
            return Err(fault("same-person", "Nobody enrols their own Device.", "Ask another administrator."));
        }
        let body = Enrol { device: identity.device, person: identity.person };
        let statement = self.inner.sign(&joined, &person, body, 3600)?;
        let mfa = self.inner.code_for(&joined, &person, &statement, &code, None).await?;
        person.broker.enrol(&statement, Some(mfa)).await.map_err(call("the broker"))?;
        self.inner.tell(Notice::Enrolments);
        self.enrolments().await
    }
}

impl Inner {
    /// Whose Device it really is: from the PK token, as the identity provider signed it.
    async fn pending_identity(&self, joined: &Joined, pending: &PendingEnrolment) -> Result<Identity, UiError> {
        let provider = joined.keys_for(&[&pending.pk_token]).await?;
        let identity = PkToken::read(&pending.pk_token)
            .and_then(|token| token.verify(&joined.file.trust, provider.current(), self.now()))
            .map_err(crate::fault::refusal("this Device's sign-in"))?;
        if identity.person != pending.person || identity.device != pending.device {
            return Err(fault(
                "does-not-match",
                "The broker shows another person or Device than the identity provider signed.",
                "Enrol nothing. Tell security.",
            ));
        }
        Ok(identity)
    }
}

fn show(pending: &PendingEnrolment, verified: Option<&Identity>) -> EnrolmentView {
    EnrolmentView {
        person: pending.person.0.clone(),
        name: verified.map_or_else(|| pending.name.clone(), |i| i.name.clone()),
        device: pending.device.to_string(),
        key_short: key_short(&pending.device),
        since: seconds(pending.since),
        check: if verified.is_some() { SignatureCheck::ChecksOut } else { SignatureCheck::DoesNotMatch },
    }
}
