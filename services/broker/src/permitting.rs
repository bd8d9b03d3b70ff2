//! Break-glass permissions as the broker sees them. It proposes and carries; gateway and audit service decide by what was signed,
//! and the audit service counts.

use domain::Digest;
use statement::{Permitted, PkToken, Request, Signer, check_use, verify_permission};
use wire::break_glass::LoggedPermission;

use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::saw::NotThisLog;
use crate::store::StoreError;

impl Broker {
    /// What both administrators signed and the audit service filed, verified here too.
    pub(crate) async fn permissions(&self) -> Answer<Vec<(Permitted, LoggedPermission)>> {
        let logged = self.ledger.permissions().await?.permissions;
        if logged.is_empty() {
            return Ok(Vec::new());
        }
        let (trust, keys) = (self.policies().await?.policies.current().trust.clone(), self.keys().await?);
        let mut permissions = Vec::with_capacity(logged.len());
        for one in logged {
            let permitted = match verify_permission(&one.permission, &trust, &keys, self.now()) {
                Ok(permitted) => permitted,
                Err(why) => {
                    tracing::error!(%why, "a break-glass permission of the log cannot be verified");
                    continue;
                }
            };
            match self.check_what_signers_saw(&one.permission.enrols, &one.permission.signed.statements).await {
                Ok(()) => permissions.push((permitted, one)),
                // It opens nothing; others may.
                Err(NotThisLog::Another(_)) => {}
                Err(why) => return Err(why.into()),
            }
        }
        Ok(permissions)
    }

    /// The permission that this request names, when it can open with it.
    pub(crate) async fn permission_of(
        &self,
        request: &Signer<Request>,
    ) -> Answer<Option<(Permitted, LoggedPermission)>> {
        let Some(id) = &request.statement.body().break_glass else { return Ok(None) };
        let found = self.permissions().await?.into_iter().find(|(permitted, _)| permitted.id() == id);
        let (permitted, logged) = found.ok_or_else(problems::no_such_permission)?;
        check_use(request, Some(&permitted)).map_err(|r| serve::refused(&r))?;
        if logged.used >= permitted.body().uses {
            return Err(problems::permission_used_up());
        }
        self.store.keep_permission(id, &logged.permission).await?;
        if self.is_permission_cut(id).await? {
            return Err(problems::revoked());
        }
        Ok(Some((permitted, logged)))
    }

    /// Whether a permission counts no more: it was revoked, or an administrator who signed it. One that is not known here counts
    /// for nothing.
    pub(crate) async fn is_permission_cut(&self, id: &Digest) -> Result<bool, StoreError> {
        if self.store.is_grant_revoked(id).await? {
            return Ok(true);
        }
        let Some(permission) = self.store.permission(id).await? else { return Ok(true) };
        for token in &permission.pk_tokens {
            let Ok(token) = PkToken::read(token) else { return Ok(true) };
            if !signed_with(&permission.signed.statements, token.digest()) {
                continue;
            }
            let Ok((person, device)) = token.claimed(&self.trust) else { return Ok(true) };
            if self.is_holder_revoked(&person, &device).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn signed_with(statements: &[String], kid: &Digest) -> bool {
    let read = |text: &String| statement::Unverified::<statement::BreakGlass>::read(text);
    statements.iter().filter_map(|text| read(text).ok()).any(|s| s.kid() == kid)
}
