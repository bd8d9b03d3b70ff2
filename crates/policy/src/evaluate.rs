use domain::{ReasonCategory, Role, Scope};

use crate::ask::{Ask, Decider, Somebody};
use crate::engine::facts::{self, Member};
use crate::engine::{Answer, NoAnswer, Question};
use crate::heading::Moment;
use crate::refusal::PolicyRefusal;
use crate::{Policy, refusal};

/// No rule can open an Organization for longer than this, in seconds.
const LONGEST_SECONDS: i64 = 24 * 3600;
/// No policy that asks for more Approvals than this opens anything.
const MOST_APPROVALS: u32 = 4;

/// The policy allows it, under this condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// How many people other than the requester have to countersign; at least one, whatever the text says.
    pub approvals: u32,
}

/// What a reason opens at one Scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub reason: ReasonCategory,
    pub scope: Scope,
    /// The longest Session, in seconds.
    pub max_duration_seconds: i64,
    pub approvals: u32,
}

/// Who countersigns, as far as `open` asks.
pub(crate) struct Approvers<'a> {
    pub(crate) count: u32,
    pub(crate) roles: &'a [Role],
    pub(crate) groups: &'a [String],
}

impl Policy {
    /// Whether the policy allows `ask`, and how many approvals it takes at least: of the right people, if it says who.
    ///
    /// # Errors
    /// [`PolicyRefusal`] with the reason in words.
    pub fn evaluate(&self, ask: &Ask<'_>) -> Result<Allowed, PolicyRefusal> {
        self.may_ask(ask)?;
        let mut refused = None;
        for count in 1..=MOST_APPROVALS {
            // As if everybody were among them whom the rules could wish for.
            let everybody = Approvers {
                count,
                roles: &[Role::Engineer, Role::Approver, Role::Reviewer, Role::Administrator],
                groups: self.rules.groups(),
            };
            match self.may_open(ask, ask, &everybody) {
                Ok(()) => return Ok(Allowed { approvals: count }),
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        Err(refused.unwrap_or_else(refusal::no_answer))
    }

    /// What each reason opens for this person here and now, with the ask's own reason, Scope and duration left out.
    #[must_use]
    pub fn offers(&self, ask: &Ask<'_>) -> Vec<Offer> {
        let pairs = ReasonCategory::ALL.iter().flat_map(|r| Scope::ALL.iter().map(move |s| (*r, *s)));
        let offer = |(reason, scope)| {
            let max_duration_seconds = self.longest(&Ask { reason, scope, ..*ask })?;
            let asked = Ask { reason, scope, duration_seconds: max_duration_seconds, ..*ask };
            let approvals = self.evaluate(&asked).ok()?.approvals;
            Some(Offer { reason, scope, max_duration_seconds, approvals })
        };
        pairs.filter_map(offer).collect()
    }

    /// Whether anything forbids to ask for this, without the reason: for whoever tries many asks. It says nothing of who
    /// has to countersign.
    #[must_use]
    pub fn lets_ask(&self, ask: &Ask<'_>) -> bool {
        let below =
            ask.requester.roles.contains(&Role::Engineer) && (1..=LONGEST_SECONDS).contains(&ask.duration_seconds);
        below && matches!(self.ask_request(ask), Ok(Answer::Permitted))
    }

    /// The rules of `request`, and below them what no rule can lift.
    pub(crate) fn may_ask(&self, ask: &Ask<'_>) -> Result<(), PolicyRefusal> {
        if !ask.requester.roles.contains(&Role::Engineer) {
            return Err(refusal::missing_role());
        }
        if !(1..=LONGEST_SECONDS).contains(&ask.duration_seconds) {
            return Err(self.too_long(ask));
        }
        match self.ask_request(ask)? {
            Answer::Permitted => Ok(()),
            Answer::Forbidden(rule) => Err(refusal::forbidden(&rule)),
            Answer::NotPermitted => Err(self.too_long(ask)),
        }
    }

    /// Whether the policy lets this person countersign what is asked.
    ///
    /// # Errors
    /// [`PolicyRefusal`] with the reason in words.
    pub fn may_approve(&self, ask: &Ask<'_>, decides: &Decider<'_>) -> Result<(), PolicyRefusal> {
        let Moment { weekday, minute } = Moment::at(decides.at, &self.zone).ok_or(NoAnswer)?;
        let context = [
            facts::scope(decides.terms.scope),
            facts::long("duration_seconds", decides.terms.duration_seconds),
            facts::long("weekday", weekday),
            facts::long("minute", minute),
            facts::text("factor", decides.factor),
        ];
        match self.ask_rules("approve", ask, Some(&decides.who), context)? {
            Answer::Permitted => Ok(()),
            Answer::Forbidden(rule) => Err(refusal::forbidden(&rule)),
            Answer::NotPermitted => Err(refusal::may_not_approve()),
        }
    }

    /// The rules of `open`: whether these approvers are enough for what was asked, on the terms that were granted.
    pub(crate) fn may_open(
        &self,
        ask: &Ask<'_>,
        granted: &Ask<'_>,
        approvers: &Approvers<'_>,
    ) -> Result<(), PolicyRefusal> {
        if approvers.count < 1 {
            return Err(refusal::too_few());
        }
        let context = [
            facts::long("approvals", i64::from(approvers.count)),
            facts::roles("approver_roles", approvers.roles),
            facts::groups("approver_groups", approvers.groups),
            facts::scope(granted.scope),
            facts::long("duration_seconds", granted.duration_seconds),
        ];
        match self.ask_rules("open", ask, None, context)? {
            Answer::Permitted => Ok(()),
            Answer::Forbidden(rule) => Err(refusal::too_few_for(&rule)),
            Answer::NotPermitted => Err(refusal::too_few()),
        }
    }

    /// The longest duration that would be allowed, if any is: one of the numbers that the rules hold.
    fn longest(&self, ask: &Ask<'_>) -> Option<i64> {
        let within = self.rules.numbers().iter().filter(|n| (1..=LONGEST_SECONDS).contains(*n));
        let mut longest_first = std::iter::once(LONGEST_SECONDS).chain(within.copied()).chain([1]);
        longest_first.find(|seconds| {
            let shorter = Ask { duration_seconds: *seconds, ..*ask };
            matches!(self.ask_request(&shorter), Ok(Answer::Permitted))
        })
    }

    fn too_long(&self, ask: &Ask<'_>) -> PolicyRefusal {
        match self.longest(ask) {
            Some(longest) => refusal::longer_than(ask, longest),
            None => refusal::not_for_reason(ask),
        }
    }

    fn ask_request(&self, ask: &Ask<'_>) -> Result<Answer, NoAnswer> {
        let Moment { weekday, minute } = Moment::at(ask.at, &self.zone).ok_or(NoAnswer)?;
        let (factor, age_seconds) = ask.factor.map_or(("totp", 0), |f| (f.method.as_str(), f.age_seconds));
        let context = facts::context([
            facts::reason(ask.reason),
            facts::scope(ask.scope),
            facts::long("duration_seconds", ask.duration_seconds),
            facts::text("ticket", ask.ticket),
            facts::long("weekday", weekday),
            facts::long("minute", minute),
            facts::text("factor", factor),
            facts::long("factor_age_seconds", age_seconds),
        ])?;
        self.rules.ask(Question {
            principal: facts::person(&ask.requester),
            action: facts::action("request"),
            resource: facts::organization(ask),
            context,
            entities: facts::entities(ask, self.wishes(ask.organization), None)?,
        })
    }

    /// Asks about the request as a whole; the principal is who decides, or else the requester.
    pub(crate) fn ask_rules(
        &self,
        action: &str,
        ask: &Ask<'_>,
        decider: Option<&Somebody<'_>>,
        context: impl IntoIterator<Item = Member>,
    ) -> Result<Answer, NoAnswer> {
        self.rules.ask(Question {
            principal: facts::person(decider.unwrap_or(&ask.requester)),
            action: facts::action(action),
            resource: facts::this_request(),
            context: facts::context(context)?,
            entities: facts::entities(ask, self.wishes(ask.organization), decider)?,
        })
    }
}

#[cfg(test)]
mod tests;
