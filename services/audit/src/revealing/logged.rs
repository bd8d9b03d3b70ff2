//! What the log has of marks that were asked for, and the values. The log is the only store of proposals.

use std::collections::BTreeSet;

use domain::{Digest, UnixSeconds};
use recording::Original;
use serve::{ProblemResponse, refused};
use statement::{Bundle, Refusal, Reveal, Revealing, SessionOpen, Unverified, sha256};
use wire::event::{Event, EventKind, Source};
use wire::revealing::{
    LoggedReveal, NewReveal, READABLE_SECONDS, RevealList, RevealedMark, RevealedMarks, RevealedSession,
};

use super::about;
use crate::audit::Audit;
use crate::chain;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::people::Person;
use crate::problem;
use crate::store::LeafRow;

/// What somebody proposed is shown for as long as their signature lasts at most, in seconds.
const SHOWN_SECONDS: i64 = 24 * 3600;
/// So many proposals are shown.
const MOST_SHOWN: u32 = 100;

/// What the log says of one proposal.
pub(super) struct Proposed {
    index: u64,
    event: Event,
    /// The entry about the second signature.
    pub(super) revealed: Option<(u64, Event)>,
}

impl Audit {
    /// Everything that was asked for in the last day and is still readable.
    pub(crate) async fn reveals(&self) -> Result<RevealList, ProblemResponse> {
        let since = (self.now() - SHOWN_SECONDS).saturating_mul(1000);
        let mut reveals = Vec::new();
        for row in self.reader.proposed_reveals(since, MOST_SHOWN).await? {
            let Some(id) = read(&row)?.statements.first().cloned() else { continue };
            let Some(proposed) = self.proposed(&id).await? else { continue };
            let Some(revealing) = self.revealing(&proposed).await? else { continue };
            let Some(session) = self.revealed_session(&revealing).await? else { continue };
            let revealed = match &proposed.revealed {
                Some((index, _)) => Some(self.receipt(*index).await?),
                None => None,
            };
            reveals.push(LoggedReveal { revealing, proposed: self.receipt(proposed.index).await?, revealed, session });
        }
        Ok(RevealList { reveals })
    }

    /// The values, to whoever proposed it on the Device that both signed for. The entry stands before they are given.
    pub(crate) async fn read_marks(&self, person: &Person, id: &Digest) -> Result<RevealedMarks, ProblemResponse> {
        let proposed = self.proposed(id).await?.ok_or_else(problem::no_reveal)?;
        let compact = self.reader.statement(id).await?.ok_or_else(problem::no_reveal)?;
        let body = Unverified::<Reveal>::read(&compact).map_err(|_| problem::no_reveal())?.unverified_body().clone();
        let who = self.reader.personal(proposed.index).await?;
        let is_theirs = who.get("person").is_some_and(|own| own.value == person.identity.person.to_string());
        if !is_theirs || body.reader != person.identity.device {
            return Err(problem::not_the_reader());
        }
        let (_, revealed) = proposed.revealed.ok_or_else(|| refused(&Refusal::NoApproval))?;
        if self.now() >= revealed.at / 1000 + READABLE_SECONDS {
            return Err(problem::reveal_over());
        }
        let row = self.reader.session(&body.session).await?.ok_or_else(problem::no_session)?;
        let mut originals = self.originals(&row).await?;
        let shown = |one: Original| RevealedMark { mark: one.mark, rule: one.rule, value: one.value };
        let marks: Vec<RevealedMark> = body.marks.iter().filter_map(|mark| originals.remove(mark)).map(shown).collect();
        let event = about(EventKind::MarksRead, &row, id, &body)
            .personal("person", person.identity.person.to_string())
            .personal("name", one_line(&person.identity.name));
        Ok(RevealedMarks { marks, receipt: self.note(event).await? })
    }

    /// By the statement that it begins with; only entries of this service count.
    pub(super) async fn proposed(&self, id: &Digest) -> Result<Option<Proposed>, ProblemResponse> {
        let size = self.writer.head().size;
        let (mut proposed, mut revealed) = (None, None);
        for row in self.reader.leaves_naming(std::slice::from_ref(id), size).await? {
            let event = read(&row)?;
            if event.source != Source::Audit || event.statements.first() != Some(id) {
                continue;
            }
            match event.kind {
                EventKind::RevealProposed => proposed = Some((row.index, event)),
                EventKind::MarksRevealed => revealed = Some((row.index, event)),
                _ => {}
            }
        }
        Ok(proposed.map(|(index, event)| Proposed { index, event, revealed }))
    }

    /// Whose Session it is; whoever asks verifies it.
    async fn revealed_session(&self, revealing: &Revealing) -> Result<Option<RevealedSession>, ProblemResponse> {
        let first = revealing.statements.first().and_then(|compact| Unverified::<Reveal>::read(compact).ok());
        let Some(id) = first.map(|reveal| reveal.unverified_body().session.clone()) else { return Ok(None) };
        let Some(row) = self.reader.session(&id).await? else { return Ok(None) };
        let damaged = || StoreError::Damaged(format!("the bundle of {id}"));
        let Bundle { open, pk_tokens, .. } =
            serde_json::from_str(&self.reader.detail(&row)?.bundle_json).map_err(|_| damaged())?;
        let signed = Unverified::<SessionOpen>::read(&open).map_err(|_| damaged())?;
        let pk_token = pk_tokens.into_iter().find(|token| sha256(token) == *signed.kid()).ok_or_else(damaged)?;
        Ok(Some(RevealedSession { opened: self.receipt(row.opened_index).await?, open, pk_token }))
    }

    /// What was signed, with what proves it; nothing when it is forgotten with its Organization.
    pub(super) async fn revealing(&self, proposed: &Proposed) -> Result<Option<Revealing>, ProblemResponse> {
        let signed = proposed.revealed.as_ref().map_or(&proposed.event, |(_, event)| event);
        let mut texts = Vec::with_capacity(signed.statements.len());
        for digest in &signed.statements {
            let Some(text) = self.reader.statement(digest).await? else { return Ok(None) };
            texts.push(text);
        }
        let each = texts.len() / 3;
        let (statements, rest) = texts.split_at(each);
        let (mfa, tokens) = rest.split_at(each);
        self.with_chain(statements.to_vec(), mfa.to_vec(), tokens.to_vec()).await.map(Some)
    }

    pub(super) async fn joined(
        &self,
        first: Revealing,
        person: &Person,
        new: &NewReveal,
    ) -> Result<Revealing, ProblemResponse> {
        let statements = [first.statements, vec![new.statement.clone()]].concat();
        let mfa = [first.mfa, vec![new.mfa.clone()]].concat();
        self.with_chain(statements, mfa, [first.pk_tokens, vec![person.pk_token.clone()]].concat()).await
    }

    async fn with_chain(
        &self,
        statements: Vec<String>,
        mfa: Vec<String>,
        tokens: Vec<String>,
    ) -> Result<Revealing, ProblemResponse> {
        let mut signers: Vec<(String, UnixSeconds)> = Vec::new();
        for one in statements.iter().filter_map(|compact| Unverified::<Reveal>::read(compact).ok()) {
            let own = tokens.iter().find(|token| sha256(token) == *one.kid());
            signers.extend(own.map(|token| (token.clone(), one.issued_at())));
        }
        let chain = chain::to_signers(self, &signers).await?;
        let pk_tokens: BTreeSet<String> = tokens.into_iter().chain(chain.tokens).collect();
        Ok(Revealing { statements, mfa, enrols: chain.enrols, pk_tokens: pk_tokens.into_iter().collect() })
    }
}

fn read(row: &LeafRow) -> Result<Event, StoreError> {
    serde_json::from_str(&row.leaf).map_err(|_| StoreError::Damaged(format!("leaf {} is not an Event", row.index)))
}
