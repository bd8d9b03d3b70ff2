//! Requests with what countersigned them: right ones, and every way of being one person alone.

use domain::{Digest, Scope};
use statement::{Bundle, Extends, Request, Terms, Verdict, sha256};
use tests::forge::{Account, Company, Person, enrolled_event};
use wire::event::{Append, EventKind};

use super::company::World;

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

/// A request and everything beside its opening.
pub struct Grant {
    pub kind: Kind,
    pub request: Digest,
    /// In all, from the Session's start on.
    pub seconds: i64,
    /// The Session in which it asks for more time, and what it says of it.
    pub extends: Option<Extends>,
    bundle: Bundle,
}

/// People beside those whom the company has, and the enrolments of all.
pub struct People {
    second_account: Person,
    stranger: Person,
    enrols: Vec<String>,
}

impl People {
    /// Everybody but the stranger is enrolled, and the log knows it.
    pub fn enrolled(world: &World) -> (Self, Vec<Append>) {
        let company = &world.site.company;
        let sign_in = |person: &str, roles: &[&str]| {
            let mut account = Account::new(person, "Somebody", roles);
            account.subject = format!("another-{person}");
            Person::sign_in(&company.provider, account, tests::site::moments().approver_signs_in)
        };
        let people = [sign_in("E-1001", &["approver"]), sign_in("e-7777", &["approver"])];
        let [second_account, stranger] = people;
        let [first, _] = &company.administrators;
        let enrolled = [&company.engineer, &company.approver, &second_account];
        let enrols: Vec<String> = enrolled.map(|p| company.enrol(first, &p.id(), &p.thumbprint())).to_vec();
        let entry = |enrol: &String| {
            enrolled_event(first, enrol, &company.mfa(first, Some(enrol), tests::site::moments().enrol))
        };
        let entries = enrols.iter().map(entry).collect();
        (Self { second_account, stranger, enrols }, entries)
    }
}

impl Grant {
    /// A request of this kind, and the entries that a broker writes about it, honest or not.
    pub fn ask(company: &Company, people: &People, kind: Kind, seconds: i64, n: usize) -> (Self, Vec<Append>) {
        let ask = Request { scope: Scope::ReadWrite, duration_seconds: seconds, ..company.ask() };
        Self::of(company, people, kind, Request { ticket: format!("SUP-{n}"), ..ask })
    }

    /// The same for so many seconds in all, in a Session that is open.
    pub fn more(company: &Company, people: &People, kind: Kind, seconds: i64, of: Extends) -> (Self, Vec<Append>) {
        let ask = Request { scope: Scope::ReadWrite, duration_seconds: seconds, ..company.ask() };
        Self::of(company, people, kind, Request { extends: Some(of), ..ask })
    }

    fn of(company: &Company, people: &People, kind: Kind, ask: Request) -> (Self, Vec<Append>) {
        let (seconds, extends) = (ask.duration_seconds, ask.extends.clone());
        let terms = Terms { scope: ask.scope, duration_seconds: seconds };
        let other = company.request(&company.engineer, ask.clone());
        let request = company.request(&company.engineer, ask);
        let approver = match kind {
            Kind::SamePerson => &people.second_account,
            Kind::Stranger => &people.stranger,
            _ => &company.approver,
        };
        let verdict = if kind == Kind::Denied { Verdict::Deny } else { Verdict::Approve };
        let about = if kind == Kind::OtherRequest { &other } else { &request };
        let decision = company.decide(approver, about, terms, verdict);
        let code_for = if kind == Kind::NoCode { &other } else { &decision };
        let (at, decided) = (company.moments.requester_code, company.moments.decide);
        let mfa = vec![company.mfa(&company.engineer, None, at), company.mfa(approver, Some(code_for), decided)];
        let event = |kind: EventKind, statement: &str| {
            let organization = "kinloch-hotels".parse().expect("an id");
            Append::new(kind)
                .organization(&organization)
                .fact("request", sha256(&request).as_str())
                .statement(statement)
        };
        let mut entries = vec![event(EventKind::RequestSigned, &request)];
        if kind != Kind::Unlogged {
            entries.push(event(EventKind::Approved, &decision));
        }
        let [administrator, _] = &company.administrators;
        let mut signers = vec![administrator, &company.engineer];
        let decisions = if kind == Kind::Alone { Vec::new() } else { vec![decision] };
        signers.extend((kind != Kind::Alone).then_some(approver));
        let bundle = Bundle {
            pk_tokens: signers.iter().map(|p| p.token.clone()).collect(),
            enrols: people.enrols.clone(),
            request: request.clone(),
            decisions,
            mfa,
            open: String::new(),
            break_glass: None,
        };
        (Self { kind, request: sha256(&request), seconds, extends, bundle }, entries)
    }

    /// The bundle that opens it over this TLS key.
    pub fn bundle(&self, company: &Company, tls_client: &Digest) -> Bundle {
        let open = company.open(&company.engineer, &self.bundle.request, &self.bundle.decisions, tls_client);
        Bundle { open, ..self.bundle.clone() }
    }

    /// The entry that ends it before it was opened.
    pub fn withdrawn(&self) -> Append {
        let organization = "kinloch-hotels".parse().expect("an id");
        Append::new(EventKind::RequestWithdrawn).organization(&organization).fact("request", self.request.as_str())
    }
}
