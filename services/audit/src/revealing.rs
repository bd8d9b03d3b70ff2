//! Opening marks: a reviewer's signature and a second person's over the same, both verified here; then the values, to the first
//! one alone and for a while. Each step is an entry before it has any effect, and no entry holds a value.

use std::collections::BTreeSet;

use domain::{Digest, UnixSeconds};
use recording::Original;
use serve::{ProblemResponse, refused};
use statement::{
    ADMINISTRATORS_WAIT, Directory, Refusal, Reveal, Revealed, Revealing, Signer, Unverified, sha256,
    verify_factor_for, verify_reveal, verify_revealing,
};
use wire::event::{Append, Event, EventKind, Receipt, Source};
use wire::revealing::{LoggedReveal, NewReveal, READABLE_SECONDS, RevealList, RevealedMark, RevealedMarks};

use crate::audit::Audit;
use crate::chain;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::people::Person;
use crate::problem;
use crate::sequencer::{Command, Holder, NewEvent, NewRevealing};
use crate::store::{LeafRow, SessionRow};

/// What somebody proposed is shown for as long as their signature lasts at most, in seconds.
const SHOWN_SECONDS: i64 = 24 * 3600;
/// So many proposals are shown.
const MOST_SHOWN: u32 = 100;

/// What the log says of one proposal.
struct Proposed {
    index: u64,
    event: Event,
    /// The entry about the second signature, and when it was written, in milliseconds.
    revealed: Option<(u64, Event)>,
}

impl Audit {
    /// Takes the first signature, or the second one to what it names.
    pub(crate) async fn take_reveal(&self, person: &Person, new: &NewReveal) -> Result<Receipt, ProblemResponse> {
        match &new.proposal {
            None => self.propose_reveal(person, new).await,
            Some(proposal) => self.countersign_reveal(person, proposal, new).await,
        }
    }

    async fn propose_reveal(&self, person: &Person, new: &NewReveal) -> Result<Receipt, ProblemResponse> {
        let tokens = [&person.pk_token];
        let keys = self.keys_for_tokens(&tokens).await?;
        let (policies, enrolments) = (self.policies().await?, self.roster.enrolments(self).await?);
        let trust = &policies.current().trust;
        let signer = Directory::new(tokens, trust, &keys)
            .and_then(|directory| verify_reveal(&new.statement, &directory, &enrolments, trust, self.now()))
            .map_err(|r| refused(&r))?;
        verify_factor_for(signer.statement.digest(), &person.identity.kid, &new.mfa, trust).map_err(|r| refused(&r))?;
        let row = self.check_reveal(&signer).await?;
        let body = signer.statement.body();
        let mut event = about(EventKind::RevealProposed, &row, signer.statement.digest(), body)
            .personal("person", person.identity.person.to_string())
            .personal("name", one_line(&person.identity.name))
            .personal("justification", &body.justification);
        for text in [&new.statement, &new.mfa, &person.pk_token] {
            event = event.statement(text);
        }
        event.unique = Some(format!("reveal-proposal/{}", signer.statement.digest()));
        let signer = Some(Holder::of(&person.identity));
        self.writer.append(NewEvent { source: Source::Audit, append: event, signer }).await
    }

    async fn countersign_reveal(
        &self,
        person: &Person,
        proposal: &Digest,
        new: &NewReveal,
    ) -> Result<Receipt, ProblemResponse> {
        let proposed = self.proposed(proposal).await?.ok_or_else(problem::no_reveal)?;
        if proposed.revealed.is_some() {
            return Err(problem::already_taken());
        }
        let first = self.revealing(&proposed).await?.ok_or_else(problem::no_reveal)?;
        let revealing = self.joined(first, person, new).await?;
        let keys = self.keys_for_tokens(&revealing.pk_tokens).await?;
        let (policies, now) = (self.policies().await?, self.now());
        let revealed = verify_revealing(&revealing, &policies.current().trust, &keys, now).map_err(|r| refused(&r))?;
        let [_, second] = revealed.signers() else { return Err(refused(&Refusal::NoApproval)) };
        if *second.statement.kid() != person.identity.kid {
            return Err(refused(&Refusal::UnknownSigner));
        }
        if now >= revealed.good_until() {
            return Err(refused(&Refusal::Expired));
        }
        let mut row = None;
        for signer in revealed.signers() {
            row = Some(self.check_reveal(signer).await?);
        }
        let row = row.ok_or_else(problem::no_session)?;
        let new = new_revealing(&row, proposal, &revealed, &revealing);
        self.writer.perform(Command::Reveal(Box::new(new))).await?.receipt()
    }

    /// What is asked of each signature behind its own verification: who it is, what they saw, and whether there is anything to show.
    async fn check_reveal(&self, signer: &Signer<Reveal>) -> Result<SessionRow, ProblemResponse> {
        let payload = signer.statement.payload();
        // Held to every enrolment of the log: the chain beside the statements may not show an older Device.
        let enrolments = self.roster.enrolments(self).await?;
        enrolments.check_waited(&signer.identity, payload.iat, ADMINISTRATORS_WAIT).map_err(|r| refused(&r))?;
        self.check_seen(&payload.seen).await?;
        let body = signer.statement.body();
        let row = self.reader.session(&body.session).await?.ok_or_else(problem::no_session)?;
        let originals = self.originals(&row).await?;
        let detail = self.reader.detail(&row)?;
        if detail.organization != body.organization {
            return Err(refused(&Refusal::OtherOrganization));
        }
        if detail.person == signer.identity.person {
            return Err(problem::own_marks());
        }
        if body.marks.iter().all(|mark| originals.contains_key(mark)) { Ok(row) } else { Err(problem::no_such_mark()) }
    }

    async fn originals(
        &self,
        row: &SessionRow,
    ) -> Result<std::collections::BTreeMap<String, Original>, ProblemResponse> {
        self.reader.recording_key(row)?;
        let seal = self.seal(&row.session).await?.ok_or_else(|| {
            problem::conflict("not-sealed", "The Recording is not sealed yet.", "Ask when the Session has ended.")
        })?;
        Ok(self.reader.originals(row, &seal).await?)
    }

    /// Everything that was asked for in the last day and is still readable.
    pub(crate) async fn reveals(&self) -> Result<RevealList, ProblemResponse> {
        let since = (self.now() - SHOWN_SECONDS).saturating_mul(1000);
        let mut reveals = Vec::new();
        for row in self.reader.proposed_reveals(since, MOST_SHOWN).await? {
            let Some(id) = read(&row)?.statements.first().cloned() else { continue };
            let Some(proposed) = self.proposed(&id).await? else { continue };
            let Some(revealing) = self.revealing(&proposed).await? else { continue };
            let revealed = match &proposed.revealed {
                Some((index, _)) => Some(self.receipt(*index).await?),
                None => None,
            };
            reveals.push(LoggedReveal { revealing, proposed: self.receipt(proposed.index).await?, revealed });
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
    async fn proposed(&self, id: &Digest) -> Result<Option<Proposed>, ProblemResponse> {
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

    /// What was signed, with what proves it; nothing when it is forgotten with its Organization.
    async fn revealing(&self, proposed: &Proposed) -> Result<Option<Revealing>, ProblemResponse> {
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

    async fn joined(&self, first: Revealing, person: &Person, new: &NewReveal) -> Result<Revealing, ProblemResponse> {
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

fn new_revealing(row: &SessionRow, id: &Digest, revealed: &Revealed, revealing: &Revealing) -> NewRevealing {
    let body = revealed.body();
    let mut event = about(EventKind::MarksRevealed, row, id, body).personal("justification", &body.justification);
    for (signer, what) in revealed.signers().iter().zip(["reader", "countersigner"]) {
        event = event
            .personal(what, signer.identity.person.to_string())
            .personal(&format!("{what}-name"), one_line(&signer.identity.name));
    }
    let tokens = revealed
        .signers()
        .iter()
        .filter_map(|signer| revealing.pk_tokens.iter().find(|token| sha256(token) == *signer.statement.kid()));
    event.statements = revealing.statements.iter().chain(&revealing.mfa).chain(tokens).cloned().collect();
    event.unique = Some(format!("reveal/{id}"));
    NewRevealing {
        session: row.session.clone(),
        organization: row.organization.clone(),
        signers: revealed.signers().iter().map(|s| Holder::of(&s.identity)).collect(),
        event,
    }
}

/// How many marks, of which signature: the marks themselves stand in what was signed.
fn about(kind: EventKind, row: &SessionRow, id: &Digest, body: &Reveal) -> Append {
    Append::new(kind)
        .organization(&row.organization)
        .session(&row.session)
        .fact("reveal", id.as_str())
        .fact("marks", body.marks.len().to_string())
}

/// A refused signature.
pub(crate) fn refused_event(compact: &str) -> Append {
    Append::new(EventKind::RevealRefused).fact("statement", sha256(compact).to_string())
}

fn read(row: &LeafRow) -> Result<Event, StoreError> {
    serde_json::from_str(&row.leaf).map_err(|_| StoreError::Damaged(format!("leaf {} is not an Event", row.index)))
}
