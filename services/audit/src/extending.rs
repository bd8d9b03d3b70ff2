//! A Session is extended: its bundle is verified here again, against this service's own trust and this service's own word
//! of the Session, and its Grant is consumed. From the entry on the Session has another end.

use domain::SessionId;
use serve::{ProblemResponse, refused};
use statement::{Bundle, Extension, OpenSession, ProviderKeys, Refusal, sha256, verify_extension};
use wire::audit::ExtendRecording;
use wire::event::{Append, Event, EventKind, Receipt};
use wire::extension::LoggedExtension;

use crate::audit::Audit;
use crate::error::StoreError;
use crate::opening::{check_admitted, check_gateway, signed_event};
use crate::problem;
use crate::sequencer::{Command, NewExtension, Signed};
use crate::store::{Detail, ExtensionDetail, SessionRow};

/// Times that it starts again because another extension of the Session came in between.
const TRIES: usize = 5;

impl Audit {
    /// Extends the Session, or gives the receipt of this very bundle again to whoever lost it.
    pub(crate) async fn extend(&self, session: &SessionId, asked: ExtendRecording) -> Result<Receipt, ProblemResponse> {
        let bundle: Bundle =
            serde_json::from_str(&asked.bundle_json).map_err(|_| problem::malformed("The bundle is not one."))?;
        for _ in 0..TRIES {
            let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
            match self.extend_once(&row, &bundle, &asked).await {
                Err(problem) if problem.code() == problem::folded_already().code() => {}
                // What was taken before stays taken, also when its policy was replaced since.
                Err(problem) if may_be_taken(&problem) => {
                    return self.extended_before(session, &bundle, &asked).await?.ok_or(problem);
                }
                result => return result,
            }
        }
        Err(problem::folded_already())
    }

    async fn extend_once(
        &self,
        row: &SessionRow,
        bundle: &Bundle,
        asked: &ExtendRecording,
    ) -> Result<Receipt, ProblemResponse> {
        let now = self.now();
        if row.ended.is_some() {
            return Err(problem::recording_sealed());
        }
        let policies = self.policies().await?;
        let in_force = policies.current();
        check_gateway(&asked.policy, asked.extended_at, in_force, now)?;
        let of = open_session(row, &self.reader.detail(row)?);
        // Its own entry says that the moment lies in the Session, and everybody verifies as of that moment.
        if !(of.opened_at..of.ends_at).contains(&asked.extended_at) {
            return Err(refused(&Refusal::SessionOver));
        }
        let keys = self.keys_for_tokens(&bundle.pk_tokens).await?;
        let extension = verify_extension(bundle, &of, &in_force.trust, &keys, &asked.tls_client, now)
            .map_err(|refusal| refused(&refusal))?;
        check_admitted(in_force, extension.opening())?;
        self.check_waited(extension.opening(), in_force).await?;
        for note in extension.opening().seen() {
            self.check_seen(note).await?;
        }
        let new = new_extension(&extension, of, bundle, asked, keys.current());
        self.writer.perform(Command::Extend(Box::new(new))).await?.receipt()
    }

    /// The receipt for this very bundle, when it extended this Session before.
    async fn extended_before(
        &self,
        session: &SessionId,
        bundle: &Bundle,
        asked: &ExtendRecording,
    ) -> Result<Option<Receipt>, ProblemResponse> {
        let Some(index) = self.reader.extension_of(session, &sha256(&bundle.request)).await? else { return Ok(None) };
        let receipt = self.receipt(index).await?;
        let event: Event =
            serde_json::from_str(&receipt.leaf).map_err(|_| StoreError::damaged("the entry of an extension"))?;
        let same = event.facts.get("bundle") == Some(&sha256(&asked.bundle_json).to_string());
        Ok(same.then_some(receipt))
    }

    /// What extended the Session, with its proofs.
    pub(crate) async fn logged_extensions(&self, of: &SessionRow) -> Result<Vec<LoggedExtension>, ProblemResponse> {
        let mut logged = Vec::new();
        for row in self.reader.extensions(of).await? {
            logged
                .push(LoggedExtension { receipt: self.receipt(row.index).await?, bundle_json: row.detail.bundle_json });
        }
        Ok(logged)
    }
}

fn may_be_taken(problem: &ProblemResponse) -> bool {
    [problem::already_taken(), refused(&Refusal::OtherPolicy)].iter().any(|p| p.code() == problem.code())
}

fn open_session(row: &SessionRow, detail: &Detail) -> OpenSession {
    OpenSession {
        session: row.session.clone(),
        request: row.request.clone(),
        person: detail.person.clone(),
        device: row.device.clone(),
        organization: detail.organization.clone(),
        scope: row.scope,
        opened_at: row.opened_at,
        ends_at: row.last_end(),
    }
}

fn new_extension(
    extension: &Extension,
    of: OpenSession,
    bundle: &Bundle,
    asked: &ExtendRecording,
    keys: &ProviderKeys,
) -> NewExtension {
    let opening = extension.opening();
    let provider_keys = sha256(keys.raw());
    NewExtension {
        event: extended_event(extension, &of.session, asked, &provider_keys),
        session: of.session,
        organization: of.organization.id,
        request: opening.request().statement.digest().clone(),
        signed: Signed::of(opening, bundle),
        extended_at: asked.extended_at,
        ended_at: of.ends_at,
        ends_at: extension.ends_at(),
        detail: ExtensionDetail {
            bundle_json: asked.bundle_json.clone(),
            provider_keys,
            approvers: opening.decisions().iter().map(|d| d.identity.person.clone()).collect(),
            policy: asked.policy.clone(),
        },
        provider_keys: keys.raw().to_vec(),
        tokens: bundle.pk_tokens.clone(),
    }
}

fn extended_event(
    extension: &Extension,
    session: &SessionId,
    asked: &ExtendRecording,
    provider_keys: &domain::Digest,
) -> Append {
    signed_event(EventKind::SessionExtended, extension.opening(), session)
        .fact("bundle", sha256(&asked.bundle_json).to_string())
        .fact("tls-client", asked.tls_client.to_string())
        .fact("extended-at", asked.extended_at.to_string())
        .fact("ends-at", extension.ends_at().to_string())
        .fact("provider-keys", provider_keys.to_string())
        .fact("policy", asked.policy.to_string())
}
