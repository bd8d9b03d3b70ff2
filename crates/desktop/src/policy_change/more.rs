//! What a policy allows more than the one in force, for whoever is about to sign for it. What is found in the table, in the
//! heading and among the Organizations is said as it is; what rests on rules is proven to be nothing more, or else named.

use std::collections::BTreeSet;

use ::policy::{Heading, Policy, Widens, Wishes};

use super::offers::{OfferChange, Terms, changes};
use super::week::{Week, numbers};
use crate::show::{label, seconds};
use crate::view::{AllowsMoreView, TermsView};

/// Comparing the tables takes about so many looks at a rule at most: some seconds.
const MOST_LOOKS: usize = 4_000_000;

/// Empty when `new` is known to allow nothing more than `old`.
pub(crate) fn allows_more(old: &Policy, new: &Policy) -> Vec<AllowsMoreView> {
    let mut more = if looks(old, new) > MOST_LOOKS {
        vec![AllowsMoreView::NotCompared]
    } else {
        changes(old, new).iter().filter_map(offer).collect()
    };
    more.extend(heading(old.heading(), new.heading()));
    more.extend(organizations(old, new));
    let (zone, other) = (&old.heading().time_zone, &new.heading().time_zone);
    if zone != other && either(old, new, &["weekday", "minute"]) {
        more.push(AllowsMoreView::TimeZone { old: zone.clone(), new: other.clone() });
    }
    more.extend(new.widens(old).into_iter().map(|widens| match widens {
        Widens::Permits(rule) => AllowsMoreView::Permits { rule: rule.id.clone(), sentence: rule.sentence.clone() },
        Widens::StoodInTheWay(rule) => {
            AllowsMoreView::StoodInTheWay { rule: rule.id.clone(), sentence: rule.sentence.clone() }
        }
    }));
    more
}

/// Rules that are looked at for a table: for each moment of a week, reason, Scope and duration that they name.
fn looks(old: &Policy, new: &Policy) -> usize {
    let moments = Week::of(&[old, new]).moments.len();
    let of = |policy: &Policy| {
        let named: usize = policy.rules().iter().map(|rule| numbers(&rule.cedar).count()).sum();
        (2 * named + 6) * (policy.rules().len() + 20)
    };
    moments.saturating_mul(20).saturating_mul(of(old) + of(new))
}

fn offer(change: &OfferChange) -> Option<AllowsMoreView> {
    let OfferChange { reason, scope, old, new, when, .. } = change;
    let new = (*new)?;
    let more = old.is_none_or(|old| {
        new.max_duration_seconds > old.max_duration_seconds || new.countersigners < old.countersigners
    });
    let view = |terms: Terms| TermsView {
        max_duration_seconds: seconds(terms.max_duration_seconds),
        countersigners: terms.countersigners,
    };
    more.then(|| AllowsMoreView::Offer {
        reason: label(reason),
        scope: label(scope),
        old: old.map(view),
        new: view(new),
        when: when.clone(),
    })
}

fn heading(old: &Heading, new: &Heading) -> Vec<AllowsMoreView> {
    let (waited, waits) = (old.waiting.waits(), new.waiting.waits());
    let (old_days, new_days) = (old.retention.days(), new.retention.days());
    let less = |old: i64, new: i64| (new < old).then(|| (seconds(old), seconds(new)));
    let ask = less(waited.ask_seconds, waits.ask_seconds)
        .map(|(old_seconds, new_seconds)| AllowsMoreView::WaitToAsk { old_seconds, new_seconds });
    let countersign = less(waited.approve_seconds, waits.approve_seconds)
        .map(|(old_seconds, new_seconds)| AllowsMoreView::WaitToCountersign { old_seconds, new_seconds });
    let kept = (new_days < old_days).then_some(AllowsMoreView::Recordings { old_days, new_days });
    ask.into_iter().chain(countersign).chain(kept).collect()
}

fn organizations(old: &Policy, new: &Policy) -> Vec<AllowsMoreView> {
    let (before, after) = (&old.heading().organizations, &new.heading().organizations);
    let mut more = Vec::new();
    for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let nothing = Wishes::default();
        let (wished, wishes) = (before.get(id).unwrap_or(&nothing), after.get(id).unwrap_or(&nothing));
        let gone = |old: &BTreeSet<String>, new: &BTreeSet<String>| old.difference(new).cloned().collect::<Vec<_>>();
        let who = [
            gone(&wished.refuses_employers, &wishes.refuses_employers),
            gone(&wished.refuses_countries, &wishes.refuses_countries),
        ]
        .concat();
        let refuses_more = !gone(&wishes.refuses_employers, &wished.refuses_employers).is_empty()
            || !gone(&wishes.refuses_countries, &wished.refuses_countries).is_empty();
        let is_another = (wished.labels != wishes.labels && either(old, new, &["Label"]))
            || (wished.region != wishes.region && either(old, new, &["region"]))
            || (refuses_more && !(refuses_as_ever(old) && refuses_as_ever(new)));
        if !who.is_empty() {
            more.push(AllowsMoreView::LetsIn { organization: id.to_string(), who });
        }
        if is_another {
            more.push(AllowsMoreView::Organization { organization: id.to_string() });
        }
    }
    more
}

/// Whether a rule of either text speaks of one of these.
fn either(old: &Policy, new: &Policy, words: &[&str]) -> bool {
    [old, new].into_iter().any(|policy| !policy.speaking_of(words).is_empty())
}

/// Whom an Organization refuses is asked in no other way than in the compiled-in policy, where refusing more lets nobody in.
fn refuses_as_ever(policy: &Policy) -> bool {
    let default = Policy::compiled_in();
    let known = |cedar: &str| default.rules().iter().any(|rule| rule.forbids && rule.cedar == cedar);
    let asking = policy.speaking_of(&["refuses_employers", "refuses_countries"]);
    asking.into_iter().all(|rule| rule.forbids && known(&rule.cedar))
}

#[cfg(test)]
mod tests;
