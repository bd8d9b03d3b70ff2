//! Forgetting an Organization: two administrators' signatures, verified here before its key is destroyed. Nothing of that goes by
//! the broker's word.

use serve::{ProblemResponse, refused};
use statement::{ADMINISTRATORS_WAIT, Forgetting, Forgotten, Refusal, sha256, verify_forgetting};
use wire::event::{Append, EventKind, Receipt};
use wire::forgetting::{LoggedForgetting, LoggedForgettings};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::sequencer::{Command, Holder, NewForgetting, Swept};

impl Audit {
    /// Destroys what two administrators signed away, while their signatures are fresh: once, and for good.
    pub(crate) async fn forget(&self, forgetting: Forgetting) -> Result<Receipt, ProblemResponse> {
        let keys = self.keys_for_tokens(&forgetting.pk_tokens).await?;
        let policies = self.policies().await?;
        let now = self.now();
        let forgotten =
            verify_forgetting(&forgetting, &policies.current().trust, &keys, now).map_err(|r| refused(&r))?;
        if now >= forgotten.good_until() {
            return Err(refused(&Refusal::Expired));
        }
        let enrolments = self.roster.enrolments(self).await?;
        for signer in forgotten.signers() {
            let payload = signer.statement.payload();
            enrolments
                .check_waited(&signer.identity, payload.iat, ADMINISTRATORS_WAIT)
                .map_err(|refusal| refused(&refusal))?;
        }
        self.check_what_signers_saw(&forgetting.enrols, &forgetting.statements).await?;
        let new = new_forgetting(&forgotten, forgetting);
        self.writer.perform(Command::Forget(Box::new(new))).await?.receipt()
    }

    /// What was signed for each, with the entry that says so.
    pub(crate) async fn logged_forgettings(&self) -> Result<LoggedForgettings, ProblemResponse> {
        let mut forgettings = Vec::new();
        for row in self.reader.forgettings(self.writer.head().size).await? {
            let receipt = self.receipt(row.index).await?;
            forgettings.push(LoggedForgetting { forgetting: row.forgetting, receipt });
        }
        Ok(LoggedForgettings { forgettings })
    }

    /// Takes away the segments of Recordings whose keys are destroyed. What cannot be taken away now opens with nothing, and is
    /// tried again.
    pub(crate) async fn sweep(&self) {
        if let Err(error) = self.try_to_sweep().await {
            tracing::error!(code = error.code(), "segments of destroyed Recordings are still there");
        }
    }

    async fn try_to_sweep(&self) -> Result<(), ProblemResponse> {
        for (session, segments) in self.reader.unswept().await? {
            let objects = self.reader.objects.clone();
            let removing = move || objects.remove(segments.iter().map(|segment| &segment.sealed));
            tokio::task::spawn_blocking(removing).await.map_err(|_| StoreError::Stopped)??;
            self.writer.perform(Command::Sweep(Swept(session))).await?;
        }
        Ok(())
    }
}

fn new_forgetting(forgotten: &Forgotten, forgetting: Forgetting) -> NewForgetting {
    let body = forgotten.body();
    let organization = body.organization.id.clone();
    let mut event = Append::new(EventKind::OrganizationForgotten)
        .organization(&organization)
        .personal("organization-name", &body.organization.name)
        .personal("justification", &body.justification);
    for (n, signer) in forgotten.signers().iter().enumerate() {
        event = event
            .personal(&format!("administrator-{n}"), signer.identity.person.to_string())
            .personal(&format!("administrator-name-{n}"), one_line(&signer.identity.name))
            .statement(signer.statement.compact());
    }
    event.unique = Some(format!("forgotten/{organization}"));
    NewForgetting {
        organization,
        enrols: forgetting.enrols.iter().map(sha256).collect(),
        signers: forgotten.signers().iter().map(|s| Holder::of(&s.identity)).collect(),
        forgetting,
        event,
    }
}
