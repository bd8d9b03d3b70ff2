use ::policy::{Ask, Offer, Policy, Somebody, in_words};
use domain::{ReasonCategory, Role, Scope, UnixSeconds};
use serde::Serialize;

use super::counted;
use super::kinds::Kind;
use super::week::Week;

/// What a reason opens at a Scope for an engineer of whom nothing else is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offered {
    pub(crate) reason: ReasonCategory,
    pub(crate) scope: Scope,
    pub(crate) max_duration_seconds: i64,
    pub(crate) countersigners: u32,
    /// The same in every hour of the week; otherwise it is the most that any hour offers.
    pub(crate) always: bool,
}

/// What changes for a reason at a Scope; nothing where it does not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferChange {
    pub(crate) reason: ReasonCategory,
    pub(crate) scope: Scope,
    pub(crate) old: Option<Terms>,
    pub(crate) new: Option<Terms>,
    /// When in the week, if not always.
    pub(crate) when: Option<String>,
    pub(crate) sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) max_duration_seconds: i64,
    pub(crate) countersigners: u32,
}

/// Each reason with each Scope, in the order of forms.
pub(crate) fn pairs() -> impl Iterator<Item = (ReasonCategory, Scope)> {
    ReasonCategory::ALL.into_iter().flat_map(|reason| Scope::ALL.into_iter().map(move |scope| (reason, scope)))
}

/// Asks for the shortest while, with a code that has just passed.
pub(crate) fn ask(requester: Somebody<'_>, reason: ReasonCategory, scope: Scope, at: UnixSeconds) -> Ask<'_> {
    Ask { requester, organization: None, reason, scope, duration_seconds: 1, ticket: "", at, factor: None }
}

/// What is offered to this kind of engineer at that moment.
pub(crate) fn offers(policy: &Policy, engineer: &Kind, at: UnixSeconds) -> Vec<Offer> {
    policy.offers(&ask(engineer.named("engineer"), ReasonCategory::Maintenance, Scope::Diagnostics, at))
}

/// The table of a policy.
pub(crate) fn table(policy: &Policy) -> Vec<Offered> {
    let (week, plain) = (Week::of(&[policy]), Kind::plain(Role::Engineer));
    let each: Vec<Vec<Offer>> = week.moments.iter().map(|at| offers(policy, &plain, *at)).collect();
    let row = |(reason, scope)| {
        let at_each: Vec<Option<Terms>> = each.iter().map(|offers| terms(offers, reason, scope)).collect();
        let most = at_each.iter().flatten().max_by_key(|t| (t.max_duration_seconds, u32::MAX - t.countersigners))?;
        let always = at_each.iter().all(|t| t.as_ref() == Some(most));
        let Terms { max_duration_seconds, countersigners } = *most;
        Some(Offered { reason, scope, max_duration_seconds, countersigners, always })
    };
    pairs().filter_map(row).collect()
}

/// The sentences, those that hold at every hour first, then those of the same hours together.
pub(crate) fn by_hours(changes: &[OfferChange]) -> Vec<String> {
    let mut hours: Vec<Option<&str>> = vec![None];
    for change in changes {
        if !hours.contains(&change.when.as_deref()) {
            hours.push(change.when.as_deref());
        }
    }
    let of = |when| changes.iter().filter(move |change| change.when.as_deref() == when).map(|change| &change.sentence);
    let lines = hours.into_iter().flat_map(|when| {
        let indent = if when.is_some() { "  " } else { "" };
        let sentences = of(when).map(move |sentence| format!("{indent}{sentence}"));
        when.map(|when| format!("{when}:")).into_iter().chain(sentences)
    });
    lines.collect()
}

/// How the tables of two policies differ.
pub(crate) fn changes(old: &Policy, new: &Policy) -> Vec<OfferChange> {
    let (week, plain) = (Week::of(&[old, new]), Kind::plain(Role::Engineer));
    let both = |at: &UnixSeconds| (offers(old, &plain, *at), offers(new, &plain, *at));
    let each: Vec<_> = week.moments.iter().map(both).collect();
    let mut changes = Vec::new();
    for (reason, scope) in pairs() {
        let mut found: Vec<((Option<Terms>, Option<Terms>), Vec<usize>)> = Vec::new();
        for (index, (before, after)) in each.iter().enumerate() {
            let change = (terms(before, reason, scope), terms(after, reason, scope));
            match found.iter_mut().find(|(known, _)| *known == change) {
                Some((_, indices)) => indices.push(index),
                None => found.push((change, vec![index])),
            }
        }
        for ((old, new), indices) in found.into_iter().filter(|((old, new), _)| old != new) {
            let when = week.spans(&indices);
            let sentence = sentence(reason, scope, old, new);
            changes.push(OfferChange { reason, scope, old, new, when, sentence });
        }
    }
    changes
}

fn terms(offers: &[Offer], reason: ReasonCategory, scope: Scope) -> Option<Terms> {
    let offer = offers.iter().find(|o| o.reason == reason && o.scope == scope)?;
    let countersigners = offer.approvals;
    Some(Terms { max_duration_seconds: offer.max_duration_seconds, countersigners })
}

fn sentence(reason: ReasonCategory, scope: Scope, old: Option<Terms>, new: Option<Terms>) -> String {
    let (reason, scope) = (reason.label(), scope.label());
    let people = |t: Terms| counted(t.countersigners as usize, "countersigner");
    let said = match (old, new) {
        (Some(_), None) => format!("{reason} no longer opens {scope}"),
        (None, Some(t)) => {
            format!("{reason} now opens {scope}, for {} at most, with {}", in_words(t.max_duration_seconds), people(t))
        }
        (Some(old), Some(new)) => {
            let (longest, before) = (in_words(new.max_duration_seconds), in_words(old.max_duration_seconds));
            let time = (longest != before).then(|| format!(" for {longest} at most instead of {before}"));
            let more = || format!(" with {} instead of {}", people(new), old.countersigners);
            let people = (new.countersigners != old.countersigners).then(more);
            let parts: Vec<String> = time.into_iter().chain(people).collect();
            format!("{reason} opens {scope}{}", parts.join(","))
        }
        (None, None) => format!("{reason} does not open {scope}"),
    };
    format!("{said}.")
}
