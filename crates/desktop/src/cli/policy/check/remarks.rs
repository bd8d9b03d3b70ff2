use std::collections::HashSet;

use ::policy::{Ask, Decider, Policy, Somebody};
use domain::{ReasonCategory, Role, Scope, UnixSeconds};
use serde::Serialize;
use statement::Terms;

use crate::cli::policy::kinds::{Kind, kinds};
use crate::cli::policy::offers::{ask, offers, pairs};
use crate::cli::policy::week::Week;

/// What is allowed, but what whoever writes a policy rarely means.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli::policy) struct Remark {
    pub(in crate::cli::policy) code: &'static str,
    pub(in crate::cli::policy) sentence: String,
}

/// More people than these never countersign one request.
const TEAM: [&str; 4] = ["a", "b", "c", "d"];

type Pair = (ReasonCategory, Scope);

/// What a policy offers to anybody: to one of the kinds of engineers that its rules tell apart, at some moment.
struct Open<'a> {
    policy: &'a Policy,
    week: Week,
    engineers: Vec<Kind>,
    approvers: Vec<Kind>,
}

/// The remarks about `policy`, which would follow the one that is `pinned`.
pub(in crate::cli::policy) fn remarks(policy: &Policy, pinned: &Policy) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut remark = |code, sentence: String| remarks.push(Remark { code, sentence });
    let (offered, before) = (Open::of(policy), Open::of(pinned).pairs());
    let now = offered.pairs();
    for (reason, lost) in by_reason(before.iter().filter(|pair| !now.contains(pair)).copied()) {
        let label = reason.label();
        if pairs().all(|(r, scope)| r != reason || !now.contains(&(r, scope))) {
            remark("opens-nothing", format!("“{label}” opens nothing any more, at no Scope."));
        } else {
            remark("no-longer-opens", format!("Nobody can open {lost} for “{label}” any more."));
        }
    }
    let never: Vec<Pair> = now.iter().filter(|pair| !offered.can_be_countersigned(**pair)).copied().collect();
    if !now.is_empty() && never.len() == now.len() {
        remark("nobody-countersigns", "Nobody may countersign anything, so nothing opens.".to_owned());
    } else {
        for (reason, scopes) in by_reason(never.into_iter()) {
            let label = reason.label();
            remark("nobody-countersigns", format!("Nobody can countersign {scopes} for “{label}”, so it never opens."));
        }
    }
    let with_one: Vec<Pair> =
        now.iter().filter(|p| p.1 == Scope::Administer && offered.fewest(**p) == 1).copied().collect();
    for (reason, _) in with_one {
        let label = reason.label();
        remark("administer-with-one", format!("“{label}” opens Administer with one countersigner."));
    }
    for sentence in offered.wishes_not_kept() {
        remark("wish-not-kept", sentence);
    }
    if policy.digest() != pinned.digest() && policy.heading().version <= pinned.heading().version {
        let (own, pinned) = (policy.heading().version, pinned.heading().version);
        remark(
            "version",
            format!("Its version is {own}, and that of the one that is compiled in is {pinned}: count on."),
        );
    }
    remarks
}

impl<'a> Open<'a> {
    fn of(policy: &'a Policy) -> Self {
        let kinds = |role| kinds(policy, role);
        Self { policy, week: Week::of(&[policy]), engineers: kinds(Role::Engineer), approvers: kinds(Role::Approver) }
    }

    fn pairs(&self) -> Vec<Pair> {
        let mut found = HashSet::new();
        for (engineer, at) in self.askers() {
            found.extend(offers(self.policy, engineer, at).iter().map(|o| (o.reason, o.scope)));
            if found.len() == pairs().count() {
                break;
            }
        }
        pairs().filter(|pair| found.contains(pair)).collect()
    }

    fn askers(&self) -> impl Iterator<Item = (&Kind, UnixSeconds)> {
        self.engineers.iter().flat_map(|kind| self.week.moments.iter().map(move |at| (kind, *at)))
    }

    /// The fewest people that ever do.
    fn fewest(&self, (reason, scope): Pair) -> u32 {
        let each = self.askers().filter_map(|(kind, at)| {
            let asked = ask(kind.named("engineer"), reason, scope, at);
            self.policy.evaluate(&asked).ok().map(|allowed| allowed.approvals)
        });
        each.min().unwrap_or(0)
    }

    fn can_be_countersigned(&self, (reason, scope): Pair) -> bool {
        self.askers().any(|(kind, at)| {
            let asked = ask(kind.named("engineer"), reason, scope, at);
            self.policy.evaluate(&asked).is_ok() && self.teams().any(|team| self.admits(&asked, &team))
        })
    }

    /// One to four people of each kind, and such fours of every kind together.
    fn teams(&self) -> impl Iterator<Item = Vec<Somebody<'_>>> {
        let of = |kind, count| TEAM.iter().take(count).map(move |name| Kind::named(kind, name)).collect::<Vec<_>>();
        let each = self.approvers.iter().flat_map(move |kind| (1..=TEAM.len()).map(move |count| of(kind, count)));
        let all = self.approvers.iter().flat_map(move |kind| of(kind, TEAM.len())).collect();
        each.chain([all])
    }

    fn admits(&self, asked: &Ask<'_>, team: &[Somebody<'_>]) -> bool {
        let terms = Terms { duration_seconds: asked.duration_seconds, scope: asked.scope };
        let decided: Vec<Decider<'_>> =
            team.iter().map(|who| Decider { who: *who, terms, at: asked.at, factor: "totp" }).collect();
        self.policy.would_admit(asked, terms, &decided).is_ok()
    }

    /// Of each employer and country that an Organization refuses, whether its people get in all the same.
    fn wishes_not_kept(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let wishes = self.policy.heading().organizations.iter();
        let refused = wishes.flat_map(|(id, w)| {
            let employers = w.refuses_employers.iter().map(move |e| (id, "people of", e, true));
            employers.chain(w.refuses_countries.iter().map(move |c| (id, "people who work in", c, false)))
        });
        for (id, who, text, is_employer) in refused {
            let gets_in = self.askers().any(|(kind, at)| {
                let plain = kind.named("engineer");
                let requester = if is_employer {
                    Somebody { employer: Some(text), ..plain }
                } else {
                    Somebody { country: Some(text), ..plain }
                };
                let mut asks =
                    pairs().map(|(reason, scope)| Ask { organization: Some(id), ..ask(requester, reason, scope, at) });
                asks.any(|asked| self.policy.evaluate(&asked).is_ok())
            });
            if gets_in {
                sentences.push(format!("{id} refuses {who} {text}, but no rule keeps them out of everything."));
            }
        }
        sentences
    }
}

/// The Scopes of each reason, in words.
fn by_reason(pairs: impl Iterator<Item = Pair>) -> Vec<(ReasonCategory, String)> {
    let pairs: Vec<Pair> = pairs.collect();
    let scopes = |reason| {
        let of_reason = pairs.iter().filter(|(r, _)| *r == reason).map(|(_, scope)| scope.label());
        of_reason.collect::<Vec<_>>().join(", ")
    };
    let each = ReasonCategory::ALL.into_iter().map(|reason| (reason, scopes(reason)));
    each.filter(|(_, scopes)| !scopes.is_empty()).collect()
}
