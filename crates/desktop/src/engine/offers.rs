use domain::{Digest, ReasonCategory, Role, Scope, UnixSeconds};
use policy::{Ask, Offer, Somebody};

use super::Inner;
use crate::joined::Joined;
use crate::show::label;
use crate::view::{PolicyRuleView, PolicyView};

/// So long what was offered is not asked of the policy again, in seconds: rules speak of minutes.
const KEPT_SECONDS: i64 = 60;

/// What was offered to whom, under which policy, when.
pub(super) struct Offers {
    to: Option<Digest>,
    policy: Digest,
    at: UnixSeconds,
    view: PolicyView,
}

impl Inner {
    /// What the policy says about each reason and Scope to whoever is signed in, with the reason in words where it says
    /// no. What the Organization wishes is asked when it is chosen.
    pub(super) fn offers(&self, joined: &Joined) -> PolicyView {
        let now = self.now();
        let person = self.live().person.clone();
        let in_force = joined.policies().current().clone();
        let (to, policy) = (person.as_ref().map(|p| p.identity.kid.clone()), &in_force.policy);
        if let Some(kept) = &self.live().offers
            && (&kept.to, &kept.policy) == (&to, policy.digest())
            && (kept.at..kept.at + KEPT_SECONDS).contains(&now)
        {
            return kept.view.clone();
        }
        let anybody = Somebody { person: "", roles: &[], groups: &[], employer: None, country: None, address: None };
        // Whoever is no engineer sees what they could ask for as one.
        let factor = person.as_ref().and_then(|p| p.factor(&joined.file.trust, now));
        let who = person.as_ref().map_or(anybody, |p| Somebody::from(&p.identity).calling_from(factor.as_ref()));
        let requester = Somebody { roles: &[Role::Engineer], ..who };
        let ask = Ask {
            requester,
            organization: None,
            reason: ReasonCategory::Maintenance,
            scope: Scope::Diagnostics,
            duration_seconds: 1,
            ticket: "",
            at: now,
            factor: factor.as_ref(),
        };
        let view = view(joined, policy.digest(), &policy.offers(&ask));
        self.live().offers = Some(Offers { to, policy: policy.digest().clone(), at: now, view: view.clone() });
        view
    }
}

fn view(joined: &Joined, policy: &Digest, offers: &[Offer]) -> PolicyView {
    let limits = joined.file.trust.limits;
    let pairs = ReasonCategory::ALL.iter().flat_map(|r| Scope::ALL.iter().map(move |s| (*r, *s)));
    let rules = pairs.map(|(reason, scope)| {
        let offer = offers.iter().find(|o| o.reason == reason && o.scope == scope && scope <= limits.max_scope);
        let longest = offer.map_or(0, |o| o.max_duration_seconds.min(limits.max_duration_seconds));
        let refusal = format!("“{}” does not open {}.", reason.label(), scope.label());
        PolicyRuleView {
            reason: label(&reason),
            scope: label(&scope),
            max_duration_seconds: u32::try_from(longest).unwrap_or(0),
            approvals: offer.map_or(0, |o| o.approvals),
            refusal: if offer.is_some() { String::new() } else { refusal },
        }
    });
    PolicyView { digest: policy.to_string(), rules: rules.collect() }
}
