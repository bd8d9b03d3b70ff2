//! Opening marks: a reviewer's signature and a second person's over the same, both verified here; then the values, to the first
//! one alone and for a while. Each step is an entry before it has any effect, and no entry holds a value.

mod logged;

use std::collections::BTreeMap;

use domain::Digest;
use recording::Original;
use serve::{ProblemResponse, refused};
use statement::{
    ADMINISTRATORS_WAIT, Directory, Refusal, Reveal, Revealed, Revealing, Signer, sha256, verify_factor_for,
    verify_reveal, verify_revealing,
};
use wire::event::{Append, EventKind, Receipt, Source};
use wire::revealing::NewReveal;

use crate::audit::Audit;
use crate::opening::one_line;
use crate::people::Person;
use crate::problem;
use crate::sequencer::{Command, Holder, NewEvent, NewRevealing};
use crate::store::SessionRow;

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

    /// By their marks, of a sealed Recording that is still there.
    async fn originals(&self, row: &SessionRow) -> Result<BTreeMap<String, Original>, ProblemResponse> {
        self.reader.recording_key(row)?;
        let seal = self.seal(&row.session).await?.ok_or_else(|| {
            problem::conflict("not-sealed", "The Recording is not sealed yet.", "Ask when the Session has ended.")
        })?;
        Ok(self.reader.originals(row, &seal).await?)
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
