//! Facts as Cedar's entities and values.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use domain::{ReasonCategory, Role, Scope};
use serde::Serialize;

use super::{NoAnswer, schema};
use crate::ask::{Ask, Somebody};
use crate::heading::Wishes;

/// The one Access Request of a question.
const THIS: &str = "this";

struct Names {
    action: EntityTypeName,
    person: EntityTypeName,
    role: EntityTypeName,
    group: EntityTypeName,
    reason: EntityTypeName,
    label: EntityTypeName,
    organization: EntityTypeName,
    request: EntityTypeName,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let name = |name: &str| name.parse().unwrap_or_else(|_| unreachable!("a name of the schema"));
    Names {
        action: name("Action"),
        person: name("Person"),
        role: name("Role"),
        group: name("Group"),
        reason: name("Reason"),
        label: name("Label"),
        organization: name("Organization"),
        request: name("AccessRequest"),
    }
});

/// A member of a context or an entity.
pub(crate) type Member = (String, RestrictedExpression);

pub(crate) fn action(name: &str) -> EntityUid {
    uid(&NAMES.action, name)
}

pub(crate) fn person(who: &Somebody<'_>) -> EntityUid {
    uid(&NAMES.person, who.person)
}

pub(crate) fn organization(ask: &Ask<'_>) -> EntityUid {
    uid(&NAMES.organization, ask.organization.map_or("", domain::OrgId::as_str))
}

pub(crate) fn this_request() -> EntityUid {
    uid(&NAMES.request, THIS)
}

pub(crate) fn long(name: &str, value: i64) -> Member {
    (name.to_owned(), RestrictedExpression::new_long(value))
}

pub(crate) fn text(name: &str, value: &str) -> Member {
    (name.to_owned(), RestrictedExpression::new_string(value.to_owned()))
}

pub(crate) fn reason(value: ReasonCategory) -> Member {
    ("reason".to_owned(), RestrictedExpression::new_entity_uid(uid(&NAMES.reason, &word(&value))))
}

pub(crate) fn scope(value: Scope) -> Member {
    let number = Scope::ALL.iter().position(|s| *s == value).and_then(|n| i64::try_from(n).ok());
    long("scope", number.unwrap_or(i64::MAX))
}

pub(crate) fn roles(name: &str, roles: &[Role]) -> Member {
    let uids = roles.iter().map(|r| RestrictedExpression::new_entity_uid(uid(&NAMES.role, &word(r))));
    (name.to_owned(), RestrictedExpression::new_set(uids))
}

pub(crate) fn groups(name: &str, groups: &[String]) -> Member {
    let uids = groups.iter().map(|g| RestrictedExpression::new_entity_uid(uid(&NAMES.group, g)));
    (name.to_owned(), RestrictedExpression::new_set(uids))
}

pub(crate) fn context(members: impl IntoIterator<Item = Member>) -> Result<Context, NoAnswer> {
    Context::from_pairs(members).map_err(|_| NoAnswer)
}

/// The requester, whoever decides, the Organization and the request.
pub(crate) fn entities(
    ask: &Ask<'_>,
    wishes: Option<&Wishes>,
    decider: Option<&Somebody<'_>>,
) -> Result<Entities, NoAnswer> {
    let mut all = vec![of_person(&ask.requester)?, of_organization(ask, wishes)?, of_request(ask)?];
    all.extend(decider.map(of_person).transpose()?);
    Entities::from_entities(all, Some(schema())).map_err(|_| NoAnswer)
}

fn of_person(who: &Somebody<'_>) -> Result<Entity, NoAnswer> {
    let roles = who.roles.iter().map(|r| uid(&NAMES.role, &word(r)));
    let parents: HashSet<EntityUid> = roles.chain(who.groups.iter().map(|g| uid(&NAMES.group, g))).collect();
    let employer = who.employer.map(|e| text("employer", e));
    let country = who.country.map(|c| text("country", c));
    let address =
        who.address.map(|a| ("address".to_owned(), RestrictedExpression::new_ip(a.to_canonical().to_string())));
    let members: HashMap<_, _> = employer.into_iter().chain(country).chain(address).collect();
    Entity::new(person(who), members, parents).map_err(|_| NoAnswer)
}

fn of_organization(ask: &Ask<'_>, wishes: Option<&Wishes>) -> Result<Entity, NoAnswer> {
    let none = Wishes::default();
    let wishes = wishes.unwrap_or(&none);
    let set = |name: &str, texts: &std::collections::BTreeSet<String>| {
        let texts = texts.iter().map(|t| RestrictedExpression::new_string(t.clone()));
        (name.to_owned(), RestrictedExpression::new_set(texts))
    };
    let mut members = HashMap::from([
        set("refuses_employers", &wishes.refuses_employers),
        set("refuses_countries", &wishes.refuses_countries),
    ]);
    members.extend(wishes.region.as_ref().map(|r| text("region", r)));
    let labels = wishes.labels.iter().map(|l| uid(&NAMES.label, l)).collect();
    Entity::new(organization(ask), members, labels).map_err(|_| NoAnswer)
}

fn of_request(ask: &Ask<'_>) -> Result<Entity, NoAnswer> {
    let member = |name: &str, uid| (name.to_owned(), RestrictedExpression::new_entity_uid(uid));
    let members = HashMap::from([
        member("requester", person(&ask.requester)),
        member("organization", organization(ask)),
        reason(ask.reason),
        scope(ask.scope),
        long("duration_seconds", ask.duration_seconds),
        text("ticket", ask.ticket),
    ]);
    Entity::new(this_request(), members, HashSet::new()).map_err(|_| NoAnswer)
}

fn uid(name: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}

/// A value's word, as statements and rules write it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
