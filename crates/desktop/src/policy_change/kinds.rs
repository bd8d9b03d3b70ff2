use std::collections::BTreeSet;
use std::net::IpAddr;

use ::policy::{Policy, Somebody};
use domain::Role;

/// Kept for examples (RFC 5737): no rule means it.
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

/// A kind of person, as far as rules tell people apart.
#[derive(Clone, Default)]
pub(crate) struct Kind {
    roles: Vec<Role>,
    groups: Vec<String>,
    employer: Option<String>,
    country: Option<String>,
    address: Option<IpAddr>,
}

impl Kind {
    /// Holds one role, and nothing else is known.
    pub(crate) fn plain(role: Role) -> Self {
        Self { roles: vec![role], ..Self::default() }
    }

    pub(crate) fn named<'a>(&'a self, person: &'a str) -> Somebody<'a> {
        Somebody {
            person,
            roles: &self.roles,
            groups: &self.groups,
            employer: self.employer.as_deref(),
            country: self.country.as_deref(),
            address: self.address,
        }
    }
}

/// The kinds of people with this role whom `policy` can tell apart, the plain one first: by role, by the groups that it
/// names, by each text that its rules compare an employer or a country with, and by the ranges of addresses that they name.
pub(crate) fn kinds(policy: &Policy, role: Role) -> Vec<Kind> {
    let plain = Kind::plain(role);
    let every_role = vec![Role::Engineer, Role::Approver, Role::Reviewer, Role::Administrator];
    let all_groups = policy.groups().to_vec();
    let mut kinds = vec![plain.clone(), Kind { roles: every_role.clone(), ..plain.clone() }];
    let somewhere = Kind {
        employer: Some("another".to_owned()),
        country: Some("another".to_owned()),
        address: Some(ELSEWHERE),
        ..plain.clone()
    };
    kinds.push(somewhere.clone());
    kinds.extend(policy.groups().iter().map(|g| Kind { groups: vec![g.clone()], ..plain.clone() }));
    kinds.push(Kind { groups: all_groups.clone(), ..plain.clone() });
    kinds.push(Kind { roles: every_role, groups: all_groups, ..somewhere });
    for employer in compared(policy, "employer") {
        kinds.push(Kind { employer: Some(employer), ..plain.clone() });
    }
    for country in compared(policy, "country") {
        kinds.push(Kind { country: Some(country), ..plain.clone() });
    }
    kinds.extend(ranges(policy).map(|address| Kind { address: Some(address), ..plain.clone() }));
    kinds
}

/// The first address of each range that the rules name.
fn ranges(policy: &Policy) -> impl Iterator<Item = IpAddr> {
    let texts = compared(policy, "address").into_iter();
    texts.filter_map(|text| text.split('/').next().and_then(|address| address.parse().ok()))
}

/// Texts in quotes of the rules that speak of this attribute.
fn compared(policy: &Policy, attribute: &str) -> BTreeSet<String> {
    let rules = policy.rules().iter().filter(|rule| rule.cedar.contains(attribute));
    rules.flat_map(|rule| rule.cedar.split('"').skip(1).step_by(2).map(str::to_owned)).collect()
}
