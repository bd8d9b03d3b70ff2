//! What administrators sign in advance, rightly and in every wrong way, and what is asked by it.

use domain::{Digest, Organization, ReasonCategory, Scope};
use statement::{BreakGlass, BreakGlassPermission, Request, SignedBreakGlass};
use tests::forge::{Company, Person};
use tests::site::now;
use wire::event::{Append, EventKind, Receipt};

use super::grants::Grant;
use super::machine::Machine;
use super::people::{Holder, People, Who};
use super::tally::{Happened, count};

/// Who signed in advance, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// Both administrators, and the audit service has it.
    Both,
    /// Both, and nobody filed it.
    Unfiled,
    OneAlone,
    OneTwice,
    /// One, and an approver.
    WithAnApprover,
}

impl Signing {
    pub const ALL: [Self; 5] = [Self::Both, Self::Unfiled, Self::OneAlone, Self::OneTwice, Self::WithAnApprover];
}

/// What they permit. The first two engineers may use it unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    Wide,
    Once,
    /// It ends while the walk goes on.
    Soon,
    Over,
    Later,
    OneSecond,
    ToRead,
    OtherOrganization,
}

impl Bounds {
    pub const ALL: [Self; 8] = [
        Self::Wide,
        Self::Once,
        Self::Soon,
        Self::Over,
        Self::Later,
        Self::OneSecond,
        Self::ToRead,
        Self::OtherOrganization,
    ];
}

pub struct Permission {
    pub id: Digest,
    pub body: BreakGlass,
    pub signed: SignedBreakGlass,
    /// PK tokens of whoever signed.
    pub tokens: Vec<String>,
    pub signers: Vec<Holder>,
    signing: Signing,
}

impl Permission {
    fn sign(company: &Company, people: &People, signing: Signing, bounds: Bounds, n: usize) -> Self {
        let body = body(company, people, bounds, n);
        let [first, second] = &company.administrators;
        let approver = people.who(Who::Approver(0));
        let who: Vec<&Person> = match signing {
            Signing::Both | Signing::Unfiled => vec![first, second],
            Signing::OneAlone => vec![first],
            Signing::OneTwice => vec![first, first],
            Signing::WithAnApprover => vec![first, approver],
        };
        let mut tokens: Vec<String> = who.iter().map(|w| w.token.clone()).collect();
        tokens.dedup();
        Self {
            id: body.id(),
            signed: company.permission_by(&body, &who),
            tokens,
            signers: who.into_iter().map(Holder::of).collect(),
            body,
            signing,
        }
    }

    /// Whether two administrators' signatures are in the log.
    pub fn is_filed(&self) -> bool {
        self.signing == Signing::Both
    }

    /// Whether this person may ask for this by it, in its time.
    pub fn names(&self, who: &Person, ask: &Request) -> bool {
        let body = &self.body;
        body.persons.contains(&who.id())
            && body.organizations.contains(&ask.organization)
            && ask.scope <= body.scope
            && ask.duration_seconds <= body.duration_seconds
    }
}

fn body(company: &Company, people: &People, bounds: Bounds, n: usize) -> BreakGlass {
    let (hour, now) = (3600, now());
    let mut body = BreakGlass {
        persons: [0, 1].map(|n| people.who(Who::Engineer(n)).id()).to_vec(),
        reason: format!("Nobody may be awake on Sunday number {n}."),
        scope: Scope::ReadWrite,
        until: now + hour,
        uses: 2,
        ..company.break_glass()
    };
    match bounds {
        Bounds::Wide => {}
        Bounds::Once => body.uses = 1,
        Bounds::Soon => body.until = now + 3,
        Bounds::Over => body.until = now - 1,
        Bounds::Later => body.from = now + hour / 2,
        Bounds::OneSecond => body.duration_seconds = 1,
        Bounds::ToRead => body.scope = Scope::Read,
        Bounds::OtherOrganization => {
            let id = "harbour-clinics".parse().expect("an id");
            body.organizations = vec![Organization { id, name: "Harbour Clinics".to_owned() }];
        }
    }
    body
}

impl Machine {
    /// Whoever signed, the broker brings it to be filed, and writes it down itself when it is refused.
    pub(super) async fn permit(&mut self, signing: Signing, bounds: Bounds) {
        let company = &self.world.site.company;
        let new = Permission::sign(company, &self.people, signing, bounds, self.permissions.len());
        if signing != Signing::Unfiled {
            let (signed, pk_tokens) = (new.signed.clone(), new.tokens.clone());
            let enrols = if signing == Signing::WithAnApprover { self.people.enrols.clone() } else { Vec::new() };
            let call = BreakGlassPermission { signed, enrols, pk_tokens };
            match self.world.broker.post_json::<_, Receipt>("/v1/break-glass", &call).await {
                Ok(receipt) => {
                    assert!(new.is_filed(), "filed without two administrators' signatures");
                    self.seen.acknowledged(receipt);
                }
                Err(_) => {
                    count(Happened::Refused);
                    let invented = Append::new(EventKind::BreakGlassFiled).fact("permission", new.id.as_str());
                    let invented = new.signed.statements.iter().fold(invented, |entry, text| entry.statement(text));
                    assert!(self.world.broker.append(&invented).await.is_err(), "a broker filed a permission");
                }
            }
        }
        self.permissions.push(new);
    }

    /// One of the engineers asks by one of the newest permissions.
    pub(super) async fn ask_by(&mut self, back: usize, engineer: usize, seconds: i64) {
        let Some(at) = self.permissions.len().checked_sub(1 + back % self.permissions.len().max(1)) else { return };
        let company = &self.world.site.company;
        let permission = &self.permissions[at];
        let ask = Request {
            break_glass: Some(permission.id.clone()),
            duration_seconds: seconds,
            reason: ReasonCategory::SecurityIncident,
            scope: Scope::ReadWrite,
            ticket: format!("SUP-{}", self.grants.len()),
            ..company.ask()
        };
        let (grant, entries) = Grant::in_advance(company, &self.people, permission, engineer, ask);
        self.asked(grant, entries).await;
    }
}
