//! Who asks, who countersigns and who signs in advance, each on an enrolled Device; and two who are not what they say.

use domain::{Digest, PersonId};
use tests::forge::{Account, Company, Person, enrolled_event};
use wire::event::Append;

use super::company::World;

pub const ENGINEERS: usize = 3;
pub const APPROVERS: usize = 3;

/// One of those who are enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Engineer(usize),
    Approver(usize),
    /// The second: the first one revokes.
    Administrator,
}

/// Somebody's Device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub person: PersonId,
    pub device: Digest,
}

impl Holder {
    pub fn of(person: &Person) -> Self {
        Self { person: person.id(), device: person.thumbprint() }
    }
}

pub struct People {
    engineers: [Person; ENGINEERS],
    approvers: [Person; APPROVERS],
    administrator: Person,
    /// Of the first engineer.
    pub second_account: Person,
    pub stranger: Person,
    pub enrols: Vec<String>,
}

impl People {
    /// Everybody but the stranger is enrolled, and the log knows it.
    pub fn enrolled(world: &World) -> (Self, Vec<Append>) {
        let company = &world.site.company;
        let [first, second] = &company.administrators;
        let engineer = |person: &str| sign_in(company, person, "engineer");
        let people = Self {
            engineers: [company.engineer.clone(), engineer("e-2001"), engineer("e-2002")],
            approvers: [
                company.approver.clone(),
                company.second_approver.clone(),
                sign_in(company, "e-2003", "approver"),
            ],
            administrator: second.clone(),
            second_account: sign_in(company, "E-1001", "approver"),
            stranger: sign_in(company, "e-7777", "approver"),
            enrols: Vec::new(),
        };
        let enrolled = people.engineers.iter().chain(&people.approvers).chain([&people.second_account]);
        let enrols: Vec<String> = enrolled.map(|p| company.enrol(first, &p.id(), &p.thumbprint())).collect();
        let at = tests::site::moments().enrol;
        let entries = enrols.iter().map(|enrol| enrolled_event(first, enrol, &company.mfa(first, Some(enrol), at)));
        (Self { enrols: enrols.clone(), ..people }, entries.collect())
    }

    pub fn who(&self, who: Who) -> &Person {
        match who {
            Who::Engineer(n) => &self.engineers[n],
            Who::Approver(n) => &self.approvers[n],
            Who::Administrator => &self.administrator,
        }
    }
}

fn sign_in(company: &Company, person: &str, role: &str) -> Person {
    let mut account = Account::new(person, "Somebody", &[role]);
    account.subject = format!("another-{person}");
    Person::sign_in(&company.provider, account, tests::site::moments().approver_signs_in)
}
