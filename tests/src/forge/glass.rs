use domain::{PersonId, ReasonCategory, Scope, UnixSeconds};
use statement::{BreakGlass, BreakGlassPermission, Bundle, Request, SessionOpen, SignedBreakGlass, Unverified, sha256};
use wire::event::{Append, EventKind};

use super::{Company, Good, Person};

const DAY: UnixSeconds = 24 * 3600;

impl Company {
    /// What both administrators sign in advance, in the ordinary story.
    #[must_use]
    pub fn break_glass(&self) -> BreakGlass {
        BreakGlass {
            duration_seconds: 1800,
            from: self.moments.adopt,
            organizations: vec![self.ask().organization],
            persons: vec![self.engineer.id()],
            reason: "Payroll runs on Sunday, and nobody may be awake.".to_owned(),
            scope: Scope::Read,
            until: self.moments.adopt + 60 * DAY,
            uses: 1,
        }
    }

    /// What these people sign so, a moment after each other.
    #[must_use]
    pub fn permission_by(&self, body: &BreakGlass, who: &[&Person]) -> SignedBreakGlass {
        let at = self.moments.adopt;
        let statements: Vec<String> = who.iter().map(|w| w.sign(&self.trust.gateway_id, body.clone(), at)).collect();
        let mfa = who.iter().zip(&statements).map(|(w, s)| self.mfa(w, Some(s), at)).collect();
        SignedBreakGlass { statements, mfa }
    }

    /// A permission as it is filed.
    #[must_use]
    pub fn permission(&self, body: &BreakGlass) -> BreakGlassPermission {
        let [first, second] = &self.administrators;
        BreakGlassPermission {
            signed: self.permission_by(body, &[first, second]),
            enrols: Vec::new(),
            pk_tokens: vec![first.token.clone(), second.token.clone()],
        }
    }

    /// What the engineer asks for by it.
    #[must_use]
    pub fn ask_by(&self, body: &BreakGlass) -> Request {
        Request {
            break_glass: Some(body.id()),
            duration_seconds: 900,
            reason: ReasonCategory::SecurityIncident,
            ..self.ask()
        }
    }

    /// The bundle with which the engineer opens by this permission.
    #[must_use]
    pub fn good_by(&self, signed: SignedBreakGlass, ask: Request) -> Good {
        let (moments, tls_client) = (self.moments, sha256("the DER of the Session's certificate"));
        let [first, second] = &self.administrators;
        let request = self.request(&self.engineer, ask);
        let mut bundle = Bundle {
            pk_tokens: [first, second, &self.engineer].map(|p| p.token.clone()).to_vec(),
            enrols: vec![self.enrol(first, &self.engineer.id(), &self.engineer.thumbprint())],
            request,
            decisions: Vec::new(),
            mfa: vec![self.mfa(&self.engineer, None, moments.requester_code)],
            open: String::new(),
            break_glass: Some(signed),
        };
        self.reopen_by(&mut bundle, &self.engineer, &tls_client);
        Good { bundle, tls_client, opened_at: moments.open + 1 }
    }

    /// Signs the opening of what the bundle holds now.
    pub fn reopen_by(&self, bundle: &mut Bundle, who: &Person, tls_client: &domain::Digest) {
        let in_advance = bundle.break_glass.iter().flat_map(|permission| &permission.statements);
        let body = SessionOpen {
            decisions: bundle.decisions.iter().chain(in_advance).map(sha256).collect(),
            request: sha256(&bundle.request),
            tls_client: tls_client.clone(),
        };
        bundle.open = who.sign(&self.trust.gateway_id, body, self.moments.open);
    }

    /// The ordinary bundle by break-glass.
    #[must_use]
    pub fn good_by_break_glass(&self) -> Good {
        let body = self.break_glass();
        let [first, second] = &self.administrators;
        self.good_by(self.permission_by(&body, &[first, second]), self.ask_by(&body))
    }
}

/// Whoever is not in the story.
#[must_use]
pub fn somebody(person: &str) -> PersonId {
    PersonId(person.to_owned())
}

/// What the audit service writes down when both administrators have signed.
pub(super) fn filed_event(good: &Good) -> Option<Append> {
    let signed = good.bundle.break_glass.as_ref()?;
    let first = Unverified::<BreakGlass>::read(&signed.statements[0]).expect("a permission");
    let mut append = Append::new(EventKind::BreakGlassFiled).fact("permission", first.unverified_body().id().as_str());
    append.statements.clone_from(&signed.statements);
    Some(append)
}

/// What it writes down of a use: that it was one, and whom it tells. Two people and the Organization's contact.
pub(super) fn told_events(good: &Good) -> Vec<Append> {
    let Some(signed) = &good.bundle.break_glass else { return Vec::new() };
    let first = Unverified::<BreakGlass>::read(&signed.statements[0]).expect("a permission");
    let body = first.unverified_body();
    let about = |kind| {
        let append = Append::new(kind).organization(&body.organizations[0].id).session(&good.session());
        append.fact("permission", body.id().as_str())
    };
    let used = about(EventKind::BreakGlassUsed)
        .fact("use", "1")
        .fact("uses", body.uses.to_string())
        .fact("told", "2")
        .fact("contact", "configured");
    let to = |whom: &str, name: &str| about(EventKind::NoticeMade).fact("to", whom).personal("told", name);
    vec![used, to("person", "e-1002"), to("person", "e-0001"), to("contact", "https://kinloch.test/told")]
}
