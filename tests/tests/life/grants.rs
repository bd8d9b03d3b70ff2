//! Requests with what countersigned them: right ones, and every way of being one person alone.

use domain::{Digest, Scope, UnixSeconds};
use statement::{Bundle, Extends, Request, Terms, Verdict, sha256};
use tests::forge::{Company, Person};
use wire::event::{Append, EventKind};

use super::glass::Permission;
use super::people::{Holder, People, Who};

/// Who countersigned, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Another person approved exactly this.
    Right,
    /// The requester approved with a second account on a second, enrolled Device.
    SamePerson,
    /// Nobody did.
    Alone,
    /// Another person denied.
    Denied,
    /// The Approval is of another request.
    OtherRequest,
    /// Somebody whom nobody enrolled approved.
    Stranger,
    /// The code was for something else.
    NoCode,
    /// All is right, and the broker wrote no Approval down.
    Unlogged,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Right,
        Self::SamePerson,
        Self::Alone,
        Self::Denied,
        Self::OtherRequest,
        Self::Stranger,
        Self::NoCode,
        Self::Unlogged,
    ];
}

/// Who asks and who is asked.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub engineer: usize,
    pub approver: usize,
}

/// What two administrators' signatures say of when and how often.
#[derive(Clone)]
pub struct InAdvance {
    pub id: Digest,
    pub from: UnixSeconds,
    pub until: UnixSeconds,
    pub uses: usize,
}

/// A request and everything beside its opening.
pub struct Grant {
    /// Two persons signed for it, at once or in advance, and all that they signed for it keeps to.
    pub is_right: bool,
    pub request: Digest,
    /// In all, from the Session's start on.
    pub seconds: i64,
    /// The Session in which it asks for more time, and what it says of it.
    pub extends: Option<Extends>,
    /// Who signed: the requester first.
    pub signers: Vec<Holder>,
    pub engineer: usize,
    pub in_advance: Option<InAdvance>,
    bundle: Bundle,
}

impl Grant {
    /// A request of this kind, and the entries that a broker writes about it, honest or not.
    pub fn ask(
        company: &Company,
        people: &People,
        kind: Kind,
        pair: Pair,
        seconds: i64,
        n: usize,
    ) -> (Self, Vec<Append>) {
        let ask = Request { scope: Scope::ReadWrite, duration_seconds: seconds, ..company.ask() };
        Self::of(company, people, kind, pair, Request { ticket: format!("SUP-{n}"), ..ask })
    }

    /// The same for so many seconds in all, in a Session that is open.
    pub fn more(
        company: &Company,
        people: &People,
        kind: Kind,
        pair: Pair,
        seconds: i64,
        of: Extends,
    ) -> (Self, Vec<Append>) {
        let ask = Request { scope: Scope::ReadWrite, duration_seconds: seconds, ..company.ask() };
        Self::of(company, people, kind, pair, Request { extends: Some(of), ..ask })
    }

    fn of(company: &Company, people: &People, kind: Kind, pair: Pair, ask: Request) -> (Self, Vec<Append>) {
        let (seconds, extends) = (ask.duration_seconds, ask.extends.clone());
        let terms = Terms { scope: ask.scope, duration_seconds: seconds };
        // The second account is the first engineer's.
        let engineer = if kind == Kind::SamePerson { 0 } else { pair.engineer };
        let requester = people.who(Who::Engineer(engineer));
        let other = company.request(requester, ask.clone());
        let request = company.request(requester, ask);
        let approver = match kind {
            Kind::SamePerson => &people.second_account,
            Kind::Stranger => &people.stranger,
            _ => people.who(Who::Approver(pair.approver)),
        };
        let verdict = if kind == Kind::Denied { Verdict::Deny } else { Verdict::Approve };
        let about = if kind == Kind::OtherRequest { &other } else { &request };
        let decision = company.decide(approver, about, terms, verdict);
        let code_for = if kind == Kind::NoCode { &other } else { &decision };
        let (at, decided) = (company.moments.requester_code, company.moments.decide);
        let mfa = vec![company.mfa(requester, None, at), company.mfa(approver, Some(code_for), decided)];
        let mut entries = vec![event(EventKind::RequestSigned, &request)];
        if kind != Kind::Unlogged {
            entries.push(event(EventKind::Approved, &decision).fact("request", sha256(&request).as_str()));
        }
        let [administrator, _] = &company.administrators;
        let mut tokens = vec![administrator, requester];
        let decisions = if kind == Kind::Alone { Vec::new() } else { vec![decision] };
        tokens.extend((kind != Kind::Alone).then_some(approver));
        let bundle = Bundle { decisions, mfa, ..bundle(people, &tokens, &request) };
        let grant = Self {
            is_right: kind == Kind::Right,
            request: sha256(&request),
            seconds,
            extends,
            signers: [requester, approver].map(Holder::of).to_vec(),
            engineer,
            in_advance: None,
            bundle,
        };
        (grant, entries)
    }

    /// What this engineer asks by what administrators signed in advance.
    pub fn in_advance(
        company: &Company,
        people: &People,
        permission: &Permission,
        engineer: usize,
        ask: Request,
    ) -> (Self, Vec<Append>) {
        let requester = people.who(Who::Engineer(engineer));
        let body = &permission.body;
        let seconds = ask.duration_seconds;
        let in_time = (body.from..body.until).contains(&company.moments.request);
        let is_right = permission.is_filed() && permission.names(requester, &ask) && in_time;
        let request = company.request(requester, ask);
        // The first administrator enrolled everybody.
        let [first, _] = &company.administrators;
        let bundle = Bundle {
            mfa: vec![company.mfa(requester, None, company.moments.requester_code)],
            break_glass: Some(permission.signed.clone()),
            ..bundle(people, &[first, requester], &request)
        };
        let tokens = permission.tokens.iter().filter(|token| **token != first.token);
        let pk_tokens = bundle.pk_tokens.iter().chain(tokens).cloned().collect();
        let grant = Self {
            is_right,
            request: sha256(&request),
            seconds,
            extends: None,
            signers: [Holder::of(requester)].into_iter().chain(permission.signers.clone()).collect(),
            engineer,
            in_advance: Some(InAdvance {
                id: permission.id.clone(),
                from: body.from,
                until: body.until,
                uses: usize::try_from(body.uses).expect("a few"),
            }),
            bundle: Bundle { pk_tokens, ..bundle },
        };
        (grant, vec![event(EventKind::RequestSigned, &request)])
    }

    /// The bundle that opens it over this TLS key.
    pub fn bundle(&self, company: &Company, people: &People, tls_client: &Digest) -> Bundle {
        let mut bundle = self.bundle.clone();
        company.reopen_by(&mut bundle, people.who(Who::Engineer(self.engineer)), tls_client);
        bundle
    }

    /// The entry that ends it before it was opened.
    pub fn withdrawn(&self) -> Append {
        let organization = "kinloch-hotels".parse().expect("an id");
        Append::new(EventKind::RequestWithdrawn).organization(&organization).fact("request", self.request.as_str())
    }
}

/// What every bundle has.
fn bundle(people: &People, tokens: &[&Person], request: &str) -> Bundle {
    Bundle {
        pk_tokens: tokens.iter().map(|p| p.token.clone()).collect(),
        enrols: people.enrols.clone(),
        request: request.to_owned(),
        decisions: Vec::new(),
        mfa: Vec::new(),
        open: String::new(),
        break_glass: None,
    }
}

fn event(kind: EventKind, statement: &str) -> Append {
    let organization = "kinloch-hotels".parse().expect("an id");
    let append = Append::new(kind).organization(&organization).statement(statement);
    if kind == EventKind::RequestSigned { append.fact("request", sha256(statement).as_str()) } else { append }
}
