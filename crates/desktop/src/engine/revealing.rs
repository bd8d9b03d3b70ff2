//! Opening marks of a Recording: what a reviewer and a second person sign, and the values, which are kept nowhere here. What is
//! shown of either signature is verified here first.

mod known;
mod second;

use client::AuditClient;
use domain::{Digest, Role};
use policy::InForce;
use statement::{Directory, Enrolments, Identity, MAX_MARKS, Reveal, Signer, sha256, verify_reveal, verify_revealing};
use wire::event::{EventKind, Receipt, Source};
use wire::revealing::{LoggedReveal, NewReveal, READABLE_SECONDS, is_revealed_by};

pub(super) use known::KnownReveals;
use second::{check_second, own_session};

use super::factor::six_digits;
use super::sessions::session_id;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{organization, seconds};
use crate::view::{Notice, OriginalView, RevealView, UiError};

/// A reviewer signs; a second person has this long to sign the same, in seconds.
const LIFE: i64 = 24 * 3600;

impl Engine {
    /// What was asked for in the last day: for reviewers, and for whoever countersigns.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn reveals(&self) -> Result<Vec<RevealView>, UiError> {
        let (joined, audit) = self.inner.audit().await?;
        self.inner.reveals(&joined, &audit).await
    }

    /// Signs, as the first one, that what these marks stand for is shown on this computer: alone it is a proposal.
    ///
    /// # Errors
    /// [`UiError`]: `missing-role`, `no-marks`, `too-many-marks`, `not-a-mark`, `no-such-mark`, `not-sealed`, `own-session`,
    /// `bad-text`, `wrong-code`.
    pub async fn propose_reveal(
        &self,
        session: &str,
        marks: &[String],
        justification: &str,
        code: &str,
    ) -> Result<RevealView, UiError> {
        let (session, marks) = (session_id(session)?, digits(marks)?);
        let (joined, audit) = self.inner.audit().await?;
        let person = self.inner.person().await?;
        if !person.identity.roles.contains(&Role::Reviewer) {
            return Err(fault("missing-role", "Only reviewers have marks opened.", "Ask a reviewer."));
        }
        let detail = audit.session(&session).await.map_err(call("the audit service"))?;
        // Whose it was and of which Organization is what was signed, and not what somebody says of it.
        self.inner.opening(&joined, &session, &detail).await?;
        if detail.summary.person == person.identity.person {
            return Err(own_session());
        }
        if detail.sealed.is_none() {
            return Err(fault("not-sealed", "The Recording is not sealed yet.", "Ask when the Session has ended."));
        }
        let body = Reveal {
            justification: justification.trim().to_owned(),
            marks,
            organization: detail.summary.organization,
            reader: person.identity.device.clone(),
            session,
        };
        self.inner.sign_reveal(&joined, &audit, (&person, body), None, code).await
    }

    /// Signs what a reviewer proposed, once that signature is verified here. The values are theirs to read from then on.
    ///
    /// # Errors
    /// As [`Self::propose_reveal`], and `no-such-reveal`, `same-person`, `same-device`.
    pub async fn countersign_reveal(&self, id: &str, code: &str) -> Result<RevealView, UiError> {
        let (joined, audit) = self.inner.audit().await?;
        let person = self.inner.person().await?;
        let policies = self.inner.refresh_policies(&joined, &person).await?;
        for one in &audit.reveals().await.map_err(call("the audit service"))?.reveals {
            let Some(signer) = self.inner.proposed_reveal(&joined, policies.current(), one).await? else { continue };
            if signer.statement.digest().as_str() == id {
                self.inner.proposed_in_the_log(&joined, &signer, one).await?;
                let (id, body) = (signer.statement.digest().clone(), signer.statement.body().clone());
                let whose = self.inner.whose(&joined, policies.current(), &body, &one.session).await?;
                check_second(&person.identity, &signer, &whose)?;
                return self.inner.sign_reveal(&joined, &audit, (&person, body), Some(id), code).await;
            }
        }
        Err(no_such_reveal())
    }

    /// The values, on the computer that signed first. Each time is an entry of the log.
    ///
    /// # Errors
    /// [`UiError`]: `no-such-reveal`, `no-approval`, `not-the-reader`, `reveal-over`.
    pub async fn read_marks(&self, id: &str) -> Result<Vec<OriginalView>, UiError> {
        let id: Digest = id.parse().map_err(|_| no_such_reveal())?;
        let (joined, audit) = self.inner.audit().await?;
        let given = audit.read_marks(&id).await.map_err(call("the audit service"))?;
        let (event, _) = joined.log.prove(&given.receipt).await?;
        let right = event.kind == EventKind::MarksRead
            && event.source == Source::Audit
            && event.facts.get("reveal").map(String::as_str) == Some(id.as_str());
        if !right {
            return Err(not_signed());
        }
        let shown =
            |one: wire::revealing::RevealedMark| OriginalView { mark: one.mark, rule: one.rule, value: one.value };
        Ok(given.marks.into_iter().map(shown).collect())
    }
}

impl Inner {
    async fn sign_reveal(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        (person, body): (&SignedIn, Reveal),
        proposal: Option<Digest>,
        code: &str,
    ) -> Result<RevealView, UiError> {
        let code = six_digits(code)?;
        let statement = self.sign(joined, person, body, LIFE)?;
        let mfa = self.code_for(joined, person, &statement, &code, None).await?;
        let id = proposal.clone().unwrap_or_else(|| sha256(&statement));
        let new = NewReveal { proposal, statement, mfa };
        let receipt = audit.sign_reveal(&new).await.map_err(call("the audit service"))?;
        let (event, _) = joined.log.prove(&receipt).await?;
        let kind = if new.proposal.is_some() { EventKind::MarksRevealed } else { EventKind::RevealProposed };
        if event.kind != kind || !event.statements.contains(&sha256(&new.statement)) {
            return Err(not_signed());
        }
        self.tell(Notice::Log);
        let reveals = self.reveals(joined, audit).await?;
        reveals.into_iter().find(|one| one.id == id.as_str()).ok_or_else(not_signed)
    }

    async fn reveals(&self, joined: &Joined, audit: &AuditClient) -> Result<Vec<RevealView>, UiError> {
        let person = self.person().await?;
        let policies = self.refresh_policies(joined, &person).await?;
        let mut views = Vec::new();
        for one in &audit.reveals().await.map_err(call("the audit service"))?.reveals {
            views.extend(self.reveal_view(joined, &person, policies.current(), one).await?);
        }
        self.remember_reveals(&person, &views);
        Ok(views)
    }

    /// A proposal that does not hold is left out; what is said to be signed by two and is not is an error.
    async fn reveal_view(
        &self,
        joined: &Joined,
        person: &SignedIn,
        in_force: &InForce,
        one: &LoggedReveal,
    ) -> Result<Option<RevealView>, UiError> {
        let Some(receipt) = &one.revealed else {
            let Some(signer) = self.proposed_reveal(joined, in_force, one).await? else { return Ok(None) };
            let held = async {
                self.proposed_in_the_log(joined, &signer, one).await?;
                self.whose(joined, in_force, signer.statement.body(), &one.session).await
            };
            let (whose, saw) = told(joined, one, held.await, &one.proposed)?;
            return Ok(Some(shown(std::slice::from_ref(&signer), person, &whose, None, saw)));
        };
        let keys = joined.keys_for(&one.revealing.pk_tokens).await?;
        let revealed = verify_revealing(&one.revealing, &in_force.trust, &*keys, self.now()).map_err(|why| {
            tracing::error!(%why, "what two people are said to have signed cannot be verified");
            not_signed()
        })?;
        let mut until = None;
        let held = async {
            let (event, _) = joined.log.prove(receipt).await?;
            if !is_revealed_by(&event, &revealed) {
                return Err(not_signed());
            }
            joined.log.signers_agree(&one.revealing.enrols, &one.revealing.statements).await?;
            until = Some(event.at / 1000 + READABLE_SECONDS);
            self.whose(joined, in_force, revealed.body(), &one.session).await
        };
        let held = held.await;
        let (whose, saw) = told(joined, one, held, receipt)?;
        // Nothing is read here by what is not known to be of this log.
        let until = until.filter(|_| saw.is_none());
        Ok(Some(shown(revealed.signers(), person, &whose, until, saw)))
    }

    /// The first signature, while nobody has countersigned it.
    async fn proposed_reveal(
        &self,
        joined: &Joined,
        in_force: &InForce,
        one: &LoggedReveal,
    ) -> Result<Option<Signer<Reveal>>, UiError> {
        if one.revealed.is_some() {
            return Ok(None);
        }
        let revealing = &one.revealing;
        let (keys, now) = (joined.keys_for(&revealing.pk_tokens).await?, self.now());
        let Some(compact) = revealing.statements.first() else { return Ok(None) };
        let verified = Directory::new(&revealing.pk_tokens, &in_force.trust, &*keys).and_then(|directory| {
            let enrolments = Enrolments::derive(&revealing.enrols, &directory, &in_force.trust, now);
            verify_reveal(compact, &directory, &enrolments, &in_force.trust, now)
        });
        let Some(signer) = verified.inspect_err(|why| tracing::warn!(%why, "a proposal is not shown")).ok() else {
            return Ok(None);
        };
        Ok(Some(signer))
    }

    /// Exactly this proposal stands in the log, and whoever signed it saw this log.
    async fn proposed_in_the_log(
        &self,
        joined: &Joined,
        signer: &Signer<Reveal>,
        one: &LoggedReveal,
    ) -> Result<(), UiError> {
        joined.log.signers_agree(&one.revealing.enrols, &one.revealing.statements).await?;
        let (event, _) = joined.log.prove(&one.proposed).await?;
        let right =
            event.kind == EventKind::RevealProposed && event.statements.first() == Some(signer.statement.digest());
        if right && signer.identity.roles.contains(&Role::Reviewer) { Ok(()) } else { Err(not_signed()) }
    }
}

/// Whose Session it was, when all of it was held to the log; or else why nobody signs this here.
fn told(
    joined: &Joined,
    one: &LoggedReveal,
    held: Result<Identity, UiError>,
    receipt: &Receipt,
) -> Result<(Option<Identity>, Option<&'static str>), UiError> {
    let (held, whose) = match held {
        Ok(whose) => (Ok(()), Some(whose)),
        Err(error) => (Err(error), None),
    };
    let statements = [one.revealing.statements.as_slice(), std::slice::from_ref(&one.session.open)].concat();
    let receipts = [receipt, &one.session.opened];
    Ok((whose, joined.log.said_of(held, (&one.revealing.enrols, &statements), &receipts)?))
}

/// The digits that marks show, in the order in which they are signed. A whole mark is as good.
fn digits(marks: &[String]) -> Result<Vec<String>, UiError> {
    let read = |mark: &String| {
        let digits = mark.trim().trim_end_matches(']').rsplit(' ').next().unwrap_or_default().to_ascii_lowercase();
        let right = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        right.then_some(digits)
    };
    let mut digits: Vec<String> = marks.iter().map(read).collect::<Option<_>>().ok_or_else(|| {
        fault(
            "not-a-mark",
            "A mark is named by its 16 digits.",
            "Copy them from the replay: [masked e-mail 7f3a91c2d0b4e6f8].",
        )
    })?;
    digits.sort_unstable();
    digits.dedup();
    match digits.len() {
        0 => Err(fault("no-marks", "No mark is named.", "Choose those that you need; nothing was signed.")),
        1..=MAX_MARKS => Ok(digits),
        _ => Err(fault(
            "too-many-marks",
            format!("One signature opens {MAX_MARKS} marks at most."),
            "Choose fewer; nothing was signed.",
        )),
    }
}

/// By whoever signed it, at least one.
fn shown(
    signers: &[Signer<Reveal>],
    person: &SignedIn,
    whose: &Option<Identity>,
    readable_until: Option<i64>,
    saw: Option<&str>,
) -> RevealView {
    let Some(first) = signers.first() else { unreachable!("somebody signed it") };
    let body = first.statement.body();
    RevealView {
        id: first.statement.digest().to_string(),
        session: body.session.to_string(),
        whose: whose.as_ref().map(|whose| whose.name.clone()).unwrap_or_default(),
        organization: organization(&body.organization),
        marks: body.marks.clone(),
        by: signers.iter().map(|s| s.identity.name.clone()).collect(),
        justification: body.justification.clone(),
        at: seconds(first.statement.payload().iat),
        until: seconds(first.statement.payload().exp),
        readable_until: readable_until.map(seconds),
        is_own: body.reader == person.identity.device && first.identity.person == person.identity.person,
        may_sign: signers.len() == 1
            && whose.as_ref().is_some_and(|whose| check_second(&person.identity, first, whose).is_ok()),
        signer_saw: saw.map(str::to_owned),
    }
}

fn no_such_reveal() -> UiError {
    let next = "Load the list again: it may have lapsed, or somebody signed it meanwhile.";
    fault("no-such-reveal", "Nothing waits under this name for a second signature.", next)
}

fn not_signed() -> UiError {
    let title = "It is said that marks were opened, and no two people signed that.";
    fault("does-not-match", title, "Trust none of it, and tell security.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_named_by_its_digits_or_as_a_whole() {
        let named = |marks: &[&str]| digits(&marks.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>());
        let both = ["[masked e-mail 7f3a91c2d0b4e6f8]", "0011223344556677", " 7F3A91C2D0B4E6F8 "];
        assert_eq!(named(&both).ok(), Some(vec!["0011223344556677".to_owned(), "7f3a91c2d0b4e6f8".to_owned()]));
        for bad in ["", "7f3a", "7f3a91c2d0b4e6fg", "7f3a91c2d0b4e6f88"] {
            assert_eq!(named(&[bad]).map_err(|e| e.code), Err("not-a-mark".into()), "{bad}");
        }
    }

    #[test]
    fn one_mark_to_a_hundred_are_named_and_each_counts_once() {
        let some = |count: usize| (0..count).map(|n| format!("{n:016x}")).collect::<Vec<_>>();
        let code = |count: usize| digits(&some(count)).map(|d| d.len()).map_err(|e| e.code);
        assert_eq!((code(1), code(MAX_MARKS)), (Ok(1), Ok(MAX_MARKS)));
        assert_eq!((code(0), code(MAX_MARKS + 1)), (Err("no-marks".into()), Err("too-many-marks".into())));
        let twice = [some(MAX_MARKS), some(MAX_MARKS)].concat();
        assert_eq!(digits(&twice).map(|d| d.len()).map_err(|e| e.code), Ok(MAX_MARKS));
    }
}
