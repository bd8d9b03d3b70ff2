//! Break-glass permissions: two administrators' signatures in advance, verified here before they are filed, and who is told when
//! one is used. Nothing of that goes through the broker.

use std::collections::{BTreeMap, BTreeSet};

use domain::{PersonId, Role};
use serve::{ProblemResponse, refused};
use statement::{
    ADMINISTRATORS_WAIT, BreakGlassPermission, Enrol, Opening, Permitted, PkToken, Refusal, Unverified, sha256,
    verify_permission,
};
use wire::break_glass::{LoggedPermission, LoggedPermissions};
use wire::event::{Append, EventKind, Receipt};

use crate::audit::Audit;
use crate::opening::one_line;
use crate::sequencer::{Command, Holder, NewPermission, NewUse, PK_TOKEN};

impl Audit {
    /// Files what two administrators signed, while their signatures are fresh: once.
    pub(crate) async fn permit(&self, permission: BreakGlassPermission) -> Result<Receipt, ProblemResponse> {
        let keys = self.keys_for_tokens(&permission.pk_tokens).await?;
        let policies = self.policies().await?;
        let now = self.now();
        let permitted =
            verify_permission(&permission, &policies.current().trust, &keys, now).map_err(|r| refused(&r))?;
        if now >= permitted.signable_until() {
            return Err(refused(&Refusal::Expired));
        }
        if now >= permitted.body().until {
            return Err(refused(&Refusal::NotPermittedNow));
        }
        self.check_in_advance(&permitted).await?;
        self.check_what_signers_saw(&permission.enrols, &permission.signed.statements).await?;
        let new = new_permission(&permitted, permission);
        self.writer.perform(Command::Permit(Box::new(new))).await?.receipt()
    }

    /// Whether each administrator's Device had waited, by every enrolment in the log.
    pub(crate) async fn check_in_advance(&self, permitted: &Permitted) -> Result<(), ProblemResponse> {
        let enrolments = self.roster.enrolments(self).await?;
        for signer in permitted.signers() {
            enrolments
                .check_waited(&signer.identity, signer.statement.payload().iat, ADMINISTRATORS_WAIT)
                .map_err(|refusal| refused(&refusal))?;
        }
        Ok(())
    }

    /// What was filed and has not ended, with what proves it.
    pub(crate) async fn logged_permissions(&self) -> Result<LoggedPermissions, ProblemResponse> {
        let mut permissions = Vec::new();
        for row in self.reader.permissions(self.writer.head().size).await? {
            let body = row.permission.signed.statements.first().map(|s| Unverified::<statement::BreakGlass>::read(s));
            if body.and_then(Result::ok).is_none_or(|body| body.unverified_body().until <= self.now()) {
                continue;
            }
            let used = u32::try_from(row.used).unwrap_or(u32::MAX);
            permissions.push(LoggedPermission {
                permission: row.permission,
                receipt: self.receipt(row.index).await?,
                used,
            });
        }
        Ok(LoggedPermissions { permissions })
    }

    /// What is to be written down besides the opening itself, when it is one by break-glass.
    pub(crate) async fn new_use(&self, opening: &Opening) -> Result<Option<NewUse>, ProblemResponse> {
        let Some(permitted) = opening.break_glass() else { return Ok(None) };
        Ok(Some(NewUse {
            permission: permitted.id().clone(),
            uses: permitted.body().uses,
            told: self.skipped(&opening.request().identity.person).await?,
            contact: self.contacts.address(&opening.organization().id).map(str::to_owned),
        }))
    }

    /// Everybody who could have countersigned or stands above it, as far as the log knows: whoever is enrolled, unless every
    /// sign-in that the log has of them says that they are neither approver nor administrator. Both who signed in advance too.
    async fn skipped(&self, user: &PersonId) -> Result<Vec<PersonId>, ProblemResponse> {
        let mut told = BTreeSet::new();
        for holder in self.enrolled().await? {
            if holder.person != *user && !self.reader.is_revoked(&holder).await? {
                told.insert(holder.person);
            }
        }
        let mut roles: BTreeMap<PersonId, bool> = BTreeMap::new();
        for token in self.reader.statements_of_kind(PK_TOKEN).await? {
            let Ok(token) = PkToken::read(&token) else { continue };
            let Ok((person, _)) = token.claimed(&self.trust) else { continue };
            let could = token.claimed_roles(&self.trust).iter().any(could_have_signed);
            *roles.entry(person).or_default() |= could;
        }
        told.retain(|person| roles.get(person) != Some(&false));
        Ok(told.into_iter().collect())
    }

    async fn enrolled(&self) -> Result<Vec<Holder>, ProblemResponse> {
        let mut enrolled = Vec::new();
        for link in self.roster.links(self).await?.iter() {
            if let Ok(enrol) = Unverified::<Enrol>::read(&link.statement) {
                let Enrol { person, device } = enrol.unverified_body().clone();
                enrolled.push(Holder { person, device });
            }
            let signer = PkToken::read(&link.token).and_then(|token| token.claimed(&self.trust));
            enrolled.extend(signer.map(|(person, device)| Holder { person, device }));
        }
        Ok(enrolled)
    }
}

/// Who is told, and who reads what they are told.
pub(crate) fn could_have_signed(role: &Role) -> bool {
    matches!(role, Role::Approver | Role::Administrator)
}

fn new_permission(permitted: &Permitted, permission: BreakGlassPermission) -> NewPermission {
    let body = permitted.body();
    let mut event = Append::new(EventKind::BreakGlassFiled)
        .fact("permission", permitted.id().as_str())
        .fact("from", body.from.to_string())
        .fact("until", body.until.to_string())
        .fact("uses", body.uses.to_string())
        .fact("scope", crate::store::scope_word(body.scope))
        .fact("duration-seconds", body.duration_seconds.to_string())
        .personal("reason", &body.reason);
    for (n, person) in body.persons.iter().enumerate() {
        event = event.personal(&format!("person-{n}"), &person.0);
    }
    for (n, signer) in permitted.signers().iter().enumerate() {
        event = event
            .personal(&format!("administrator-{n}"), signer.identity.person.to_string())
            .personal(&format!("administrator-name-{n}"), one_line(&signer.identity.name))
            .statement(signer.statement.compact());
    }
    event.unique = Some(format!("break-glass/{}", permitted.id()));
    NewPermission {
        id: permitted.id().clone(),
        uses: body.uses,
        enrols: permission.enrols.iter().map(sha256).collect(),
        signers: permitted.signers().iter().map(|s| Holder::of(&s.identity)).collect(),
        permission,
        event,
    }
}
