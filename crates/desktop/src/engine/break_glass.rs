//! Break-glass: what two administrators sign in advance, who uses it, and what the audit service tells those who were not asked.

mod using;

use domain::{Digest, PersonId, Role};
use policy::InForce;
use statement::{
    BreakGlass, Directory, Enrolments, Permitted, Refusal, Signer, sha256, verify_break_glass, verify_permission,
};
use wire::break_glass::{LoggedPermission, PermissionList, ProposedPermission};
use wire::event::{EventKind, Source};

use super::factor::six_digits;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{label, organization, seconds, word};
use crate::view::{PermissionForm, PermissionView, PermissionsView, UiError};

/// An administrator signs in advance; another one has this long to sign the same, in seconds.
const LIFE: i64 = 24 * 3600;

impl Engine {
    /// What administrators signed in advance, as far as this person may know it: each verified here.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn break_glass(&self) -> Result<PermissionsView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let list = person.broker.permissions().await.map_err(call("the broker"))?;
        self.inner.permissions_view(&joined, &person, &list).await
    }

    /// Signs in advance who may open what: alone it is a proposal.
    ///
    /// # Errors
    /// [`UiError`]: a form that cannot be signed, `wrong-code`, or the broker's refusal.
    pub async fn propose_break_glass(&self, form: PermissionForm, code: &str) -> Result<PermissionsView, UiError> {
        let person = self.inner.person().await?;
        let list = person.broker.organizations().await.map_err(call("the broker"))?;
        let mut organizations = Vec::new();
        for id in &form.organizations {
            let found = list.iter().find(|o| o.id.as_str() == id).cloned();
            organizations.push(found.ok_or_else(|| bad_form("Organization"))?);
        }
        organizations.sort_by(|one, next| one.id.cmp(&next.id));
        organizations.dedup();
        let mut persons: Vec<PersonId> = form.persons.iter().map(|p| PersonId(p.to_ascii_lowercase())).collect();
        persons.sort();
        persons.dedup();
        let now = self.inner.now();
        let body = BreakGlass {
            duration_seconds: i64::from(form.duration_seconds),
            from: now,
            organizations,
            persons,
            reason: form.reason.trim().to_owned(),
            scope: word(&form.scope).ok_or_else(|| bad_form("Scope"))?,
            until: now.saturating_add(i64::from(form.lasts_seconds)),
            uses: form.uses,
        };
        self.sign_break_glass(&person, body, code).await
    }

    /// Signs as the second administrator what another one signed, once that signature is verified here.
    ///
    /// # Errors
    /// As [`Self::propose_break_glass`], and `no-such-permission`.
    pub async fn countersign_break_glass(&self, id: &str, code: &str) -> Result<PermissionsView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let list = person.broker.permissions().await.map_err(call("the broker"))?;
        let policies = self.inner.refresh_policies(&joined, &person).await?;
        for one in &list.proposed {
            let proposed = self.inner.proposed(&joined, policies.current(), one).await?;
            if let Some(signer) = proposed.filter(|s| s.statement.body().id().as_str() == id) {
                let body = signer.statement.body().clone();
                joined.log.signers_agree(&one.permission.enrols, &one.permission.signed.statements).await?;
                return self.sign_break_glass(&person, body, code).await;
            }
        }
        Err(no_such_permission())
    }

    async fn sign_break_glass(
        &self,
        person: &SignedIn,
        body: BreakGlass,
        code: &str,
    ) -> Result<PermissionsView, UiError> {
        let code = six_digits(code)?;
        let joined = self.inner.joined()?;
        if !person.identity.roles.contains(&Role::Administrator) {
            return Err(fault("missing-role", "Only administrators sign in advance.", "Ask an administrator."));
        }
        if body.persons.contains(&person.identity.person) {
            let title = "Nobody signs a break-glass permission that names them.";
            return Err(fault("names-its-signer", title, "Have another administrator sign; nothing was signed."));
        }
        self.inner.check_log(&joined).await?;
        let statement = self.inner.sign(&joined, person, body, LIFE)?;
        let mfa = self.inner.code_for(&joined, person, &statement, &code, None).await?;
        let list = person.broker.sign_permission(&statement, Some(mfa)).await.map_err(call("the broker"))?;
        self.inner.permissions_view(&joined, person, &list).await
    }
}

impl Inner {
    async fn permissions_view(
        &self,
        joined: &Joined,
        person: &SignedIn,
        list: &PermissionList,
    ) -> Result<PermissionsView, UiError> {
        let policies = self.refresh_policies(joined, person).await?;
        let in_force = policies.current();
        let mut view = PermissionsView::default();
        for one in &list.permissions {
            let permitted = self.permitted(joined, in_force, one).await?;
            let by = permitted.signers().iter().map(|s| s.identity.name.clone()).collect();
            let (held, signed) = (filed(joined, &permitted, one).await, &one.permission);
            let saw = joined.log.said_of(held, (&signed.enrols, &signed.signed.statements), &[&one.receipt])?;
            view.permissions.push(shown(permitted.id(), permitted.body(), by, one.used, saw));
        }
        for one in &list.proposed {
            let Some(signer) = self.proposed(joined, in_force, one).await? else { continue };
            let body = signer.statement.body();
            let (enrols, statements) = (&one.permission.enrols, &one.permission.signed.statements);
            let held = joined.log.signers_agree(enrols, statements).await;
            let saw = joined.log.said_of(held, (enrols, statements), &[])?;
            view.proposed.push(shown(&body.id(), body, vec![signer.identity.name.clone()], 0, saw));
        }
        Ok(view)
    }

    /// What both administrators signed; whether it stands in the log says [`filed`].
    async fn permitted(
        &self,
        joined: &Joined,
        in_force: &InForce,
        one: &LoggedPermission,
    ) -> Result<Permitted, UiError> {
        let keys = joined.keys_for(&one.permission.pk_tokens).await?;
        verify_permission(&one.permission, &in_force.trust, &*keys, self.now()).map_err(|why| {
            let title = format!("A break-glass permission that the broker shows cannot be verified: {why}.");
            fault("permission-not-signed", title, "Use nothing. Tell security.")
        })
    }

    /// A proposal whose first signature holds; anything else is nothing that one could sign for.
    async fn proposed(
        &self,
        joined: &Joined,
        in_force: &InForce,
        one: &ProposedPermission,
    ) -> Result<Option<Signer<BreakGlass>>, UiError> {
        let permission = &one.permission;
        let (keys, now) = (joined.keys_for(&permission.pk_tokens).await?, self.now());
        let verified = Directory::new(&permission.pk_tokens, &in_force.trust, &*keys).and_then(|directory| {
            let enrolments = Enrolments::derive(&permission.enrols, &directory, &in_force.trust, now);
            let first = permission.signed.statements.first().ok_or(Refusal::TooFewAdministrators)?;
            verify_break_glass(first, &directory, &enrolments, &in_force.trust, now)
        });
        let Ok(signer) = verified.inspect_err(|why| tracing::warn!(%why, "a proposed permission is not shown")) else {
            return Ok(None);
        };
        Ok(Some(signer))
    }
}

/// Exactly this stands in the log, and whoever signed it saw this log.
async fn filed(joined: &Joined, permitted: &Permitted, one: &LoggedPermission) -> Result<(), UiError> {
    let (event, _) = joined.log.prove(&one.receipt).await?;
    let statements: Vec<Digest> = one.permission.signed.statements.iter().map(sha256).collect();
    let right = event.kind == EventKind::BreakGlassFiled
        && event.source == Source::Audit
        && event.facts.get("permission").map(String::as_str) == Some(permitted.id().as_str())
        && event.statements == statements;
    if right {
        return joined.log.signers_agree(&one.permission.enrols, &one.permission.signed.statements).await;
    }
    let title = "The log's entry about a break-glass permission is about something else.";
    Err(fault("permission-not-signed", title, "Use nothing. Tell security."))
}

fn shown(id: &Digest, body: &BreakGlass, by: Vec<String>, used: u32, saw: Option<&str>) -> PermissionView {
    PermissionView {
        signer_saw: saw.map(str::to_owned),
        id: id.to_string(),
        by,
        persons: body.persons.iter().map(|p| p.0.clone()).collect(),
        organizations: body.organizations.iter().map(organization).collect(),
        scope: label(&body.scope),
        duration_seconds: seconds(body.duration_seconds),
        from: seconds(body.from),
        until: seconds(body.until),
        uses: body.uses,
        used,
        reason: body.reason.clone(),
    }
}

fn no_such_permission() -> UiError {
    let next = "Look at `countersign break-glass list`, and copy the whole digest.";
    fault("no-such-permission", "There is no such break-glass permission here.", next)
}

fn bad_form(field: &str) -> UiError {
    let title = format!("The {field} is not one that can be signed for.");
    fault("bad-form", title, "Choose one of the list; nothing was signed.")
}
