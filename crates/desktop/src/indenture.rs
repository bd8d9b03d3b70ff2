//! The Indenture as this computer sees it: a request and its decisions, each verified here. What is shown is what was
//! signed; where the broker's words differ from it, the signature counts as one that does not match.

use std::collections::BTreeSet;

use domain::UnixSeconds;
use statement::{
    Decision, Directory, Enrolments, Kind, KnownKeys, Refusal, Request, Signer, Trust, seen_in, verify_decision,
    verify_request,
};
use wire::broker::{DecisionView, RequestState, RequestView};

use crate::show::{key_short, label, organization, seconds};
use crate::view::{self, SignatureCheck, SignatureView};

mod signals;

pub(crate) use signals::{History, signals};

/// What a request is verified against.
pub(crate) struct Ground<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) provider: &'a KnownKeys,
    pub(crate) now: UnixSeconds,
}

/// One request of the broker with everything that was verified about it.
pub(crate) struct Indenture<'a> {
    pub(crate) shown: &'a RequestView,
    pub(crate) request: Result<Signer<Request>, Refusal>,
    pub(crate) decisions: Vec<Result<Signer<Decision>, Refusal>>,
    /// Fields in which the broker's words differ from what was signed.
    pub(crate) differs: Vec<&'static str>,
}

impl<'a> Indenture<'a> {
    /// Verifies all of it; what fails is kept as the reason.
    pub(crate) fn verify(shown: &'a RequestView, ground: &Ground<'_>) -> Self {
        let directory = Directory::new(&shown.pk_tokens, ground.trust, ground.provider);
        let request = directory.as_ref().map_err(Clone::clone).and_then(|directory| {
            let enrolments = Enrolments::derive(&shown.enrols, directory, ground.trust, ground.now);
            verify_request(&shown.request, directory, &enrolments, ground.trust, ground.now)
        });
        let decisions = shown
            .decisions
            .iter()
            .map(|decision| {
                let request = request.as_ref().map_err(Clone::clone)?;
                let directory = directory.as_ref().map_err(Clone::clone)?;
                let enrolments = Enrolments::derive(&shown.enrols, directory, ground.trust, ground.now);
                verify_decision(&decision.statement, request, directory, &enrolments, ground.trust, ground.now)
            })
            .collect::<Vec<_>>();
        let differs = differences(shown, request.as_ref().ok(), &decisions);
        Self { shown, request, decisions, differs }
    }

    /// The request, when its signature checks out and nothing that the broker shows differs from it.
    pub(crate) fn sound(&self) -> Option<&Signer<Request>> {
        self.request.as_ref().ok().filter(|_| self.differs.is_empty())
    }

    /// The Checkpoints that the signers had seen, and those who enrolled them.
    pub(crate) fn seen(&self) -> impl Iterator<Item = String> {
        let request = self.request.iter().map(|r| r.statement.compact());
        let decisions = self.decisions.iter().flatten().map(|d| d.statement.compact());
        request.chain(decisions).chain(self.shown.enrols.iter().map(String::as_str)).filter_map(seen_in)
    }

    /// What the windows show: the signed fields wherever a signature checks out.
    pub(crate) fn view(&self, me: &statement::Identity) -> view::RequestView {
        let signed = self.request.as_ref().ok();
        // Without a good signature there is nothing but the broker's words, shown beside the warning.
        let body = signed.map(|s| s.statement.body());
        let shown = self.shown;
        let mine = signed.is_some_and(|s| s.identity.person == me.person);
        view::RequestView {
            id: shown.id.to_string(),
            state: label(&shown.state),
            organization: organization(body.map_or(&shown.organization, |b| &b.organization)),
            scope: label(&body.map_or(shown.scope, |b| b.scope)),
            reason: label(&body.map_or(shown.reason, |b| b.reason)),
            ticket: body.map_or(&shown.ticket, |b| &b.ticket).clone(),
            justification: body.map_or(&shown.justification, |b| &b.justification).clone(),
            duration_seconds: seconds(body.map_or(shown.duration_seconds, |b| b.duration_seconds)),
            mine,
            decidable: self.decidable(me),
            until: seconds(shown.until),
            left: self.left(),
            right: self.shown.decisions.iter().zip(&self.decisions).map(|(s, d)| right(s, d)).collect(),
            signals: Vec::new(),
            session: shown.session.as_ref().map(ToString::to_string),
            session_ends_at: shown.session_ends_at.map(seconds),
            ended_by: shown.ended_by.clone(),
            open_here: false,
            extends: body.and_then(extends),
        }
    }

    /// Waiting, sound, somebody else's on another Device, and not decided by this person yet.
    fn decidable(&self, me: &statement::Identity) -> bool {
        let Some(request) = self.sound() else { return false };
        let people: BTreeSet<_> = self.decisions.iter().flatten().map(|d| &d.identity.person).collect();
        self.shown.state == RequestState::Waiting
            && me.roles.contains(&domain::Role::Approver)
            && request.identity.person != me.person
            && request.identity.device != me.device
            && !people.contains(&me.person)
    }

    fn left(&self) -> SignatureView {
        let refusal = match &self.request {
            Err(refusal) => format!("{refusal}"),
            Ok(_) if !self.differs.is_empty() => format!("the broker shows another {}", self.differs.join(", ")),
            Ok(_) => String::new(),
        };
        let check = if refusal.is_empty() { SignatureCheck::ChecksOut } else { SignatureCheck::DoesNotMatch };
        match &self.request {
            Ok(signed) => signature(&signed.identity, signed.statement.payload().iat, check, refusal),
            Err(_) => SignatureView {
                name: self.shown.requester_name.clone(),
                person: self.shown.requester.0.clone(),
                at: seconds(self.shown.requested_at),
                key_short: String::new(),
                check,
                verdict: String::new(),
                comment: String::new(),
                refusal,
            },
        }
    }
}

fn extends(body: &Request) -> Option<view::ExtendsView> {
    let extends = body.extends.as_ref()?;
    let end = extends.opened_at.saturating_add(body.duration_seconds);
    Some(view::ExtendsView {
        session: extends.session.to_string(),
        request: extends.request.to_string(),
        opened_at: seconds(extends.opened_at),
        ends_at: seconds(extends.ends_at),
        more_seconds: seconds(end.saturating_sub(extends.ends_at)),
    })
}

fn right(shown: &DecisionView, verified: &Result<Signer<Decision>, Refusal>) -> SignatureView {
    match verified {
        Ok(signed) => {
            let body = signed.statement.body();
            let same = shown.person == signed.identity.person
                && shown.verdict == body.verdict
                && shown.terms == body.terms
                && shown.comment == body.comment;
            let check = if same { SignatureCheck::ChecksOut } else { SignatureCheck::DoesNotMatch };
            let refusal = if same { String::new() } else { "the broker shows another decision".into() };
            SignatureView {
                verdict: label(&body.verdict),
                comment: body.comment.clone(),
                ..signature(&signed.identity, signed.statement.payload().iat, check, refusal)
            }
        }
        Err(refusal) => SignatureView {
            name: shown.name.clone(),
            person: shown.person.0.clone(),
            at: seconds(shown.at),
            key_short: String::new(),
            check: SignatureCheck::DoesNotMatch,
            verdict: label(&shown.verdict),
            comment: shown.comment.clone(),
            refusal: refusal.to_string(),
        },
    }
}

fn signature(who: &statement::Identity, at: UnixSeconds, check: SignatureCheck, refusal: String) -> SignatureView {
    SignatureView {
        name: who.name.clone(),
        person: who.person.0.clone(),
        at: seconds(at),
        key_short: key_short(&who.device),
        check,
        verdict: String::new(),
        comment: String::new(),
        refusal,
    }
}

/// The fields in which the broker's words are not the signed ones.
fn differences(
    shown: &RequestView,
    request: Option<&Signer<Request>>,
    decisions: &[Result<Signer<Decision>, Refusal>],
) -> Vec<&'static str> {
    let Some(signed) = request else { return Vec::new() };
    let (body, at) = (signed.statement.body(), signed.statement.payload().iat);
    let mut differs = Vec::new();
    let mut compare = |same: bool, field| {
        if !same {
            differs.push(field);
        }
    };
    compare(shown.id == *signed.statement.digest(), "request");
    compare(shown.requester == signed.identity.person, "requester");
    compare(shown.requester_name == signed.identity.name, "name");
    compare(shown.organization == body.organization, "Organization");
    compare(shown.scope == body.scope, "Scope");
    compare(shown.reason == body.reason, "reason");
    compare(shown.ticket == body.ticket, "ticket");
    compare(shown.justification == body.justification, "justification");
    compare(shown.duration_seconds == body.duration_seconds, "duration");
    compare(shown.requested_at == at, "time of the request");
    let decidable_until = signed.statement.payload().exp;
    let most = match shown.state {
        RequestState::Waiting => decidable_until,
        _ => at + Request::MAX_LIFE_SECONDS * 2,
    };
    compare(shown.until <= most, "time that is left");
    let approved = decisions.iter().flatten().any(|d| d.statement.body().verdict == statement::Verdict::Approve);
    let claims = matches!(shown.state, RequestState::Approved | RequestState::Open);
    // By break-glass nobody decides; what was signed in advance is verified with the bundle.
    compare(approved || body.break_glass.is_some() || !claims, "state");
    differs
}

#[cfg(test)]
mod tests;
