use std::collections::HashMap;

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

/// A reason at a Scope, and a duration in seconds for which it opens.
type Opening = (Pair, i64);

/// Durations that are tried first, in seconds.
const TRIED: [i64; 2] = [1, 1800];

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
    let before: Vec<Pair> = Open::of(pinned).openings(&[]).into_iter().map(|(pair, _)| pair).collect();
    let offered = Open::of(policy);
    let openings = offered.openings(&before);
    let opens = |pair: &Pair| openings.iter().any(|(open, _)| open == pair);
    for (reason, lost) in by_reason(before.into_iter().filter(|pair| !opens(pair))) {
        let label = reason.label();
        if Scope::ALL.iter().any(|scope| opens(&(reason, *scope))) {
            remark("no-longer-opens", format!("Nobody can open {lost} for “{label}” any more."));
        } else {
            remark("opens-nothing", format!("“{label}” opens nothing any more, at no Scope."));
        }
    }
    let never: Vec<Pair> =
        openings.iter().filter(|o| !offered.can_be_countersigned(**o)).map(|(pair, _)| *pair).collect();
    if !never.is_empty() && never.len() == openings.len() {
        remark("nobody-countersigns", "Nobody may countersign anything, so nothing opens.".to_owned());
    } else {
        for (reason, scopes) in by_reason(never.into_iter()) {
            let label = reason.label();
            remark("nobody-countersigns", format!("Nobody can countersign {scopes} for “{label}”, so it never opens."));
        }
    }
    for ((reason, scope), duration_seconds) in &openings {
        if *scope == Scope::Administer && offered.fewest(((*reason, *scope), *duration_seconds)) == Some(1) {
            let label = reason.label();
            remark("administer-with-one", format!("“{label}” opens Administer with one countersigner."));
        }
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

    /// What it opens. Each of `wanted` is looked for with every duration that a rule could mean.
    fn openings(&self, wanted: &[Pair]) -> Vec<Opening> {
        let quick = |pair| TRIED.into_iter().map(|seconds| (pair, seconds)).find(|o| self.fewest(*o).is_some());
        let mut found: HashMap<Pair, i64> = pairs().filter_map(quick).collect();
        for (engineer, at) in self.askers() {
            if wanted.iter().all(|pair| found.contains_key(pair)) {
                break;
            }
            for offer in offers(self.policy, engineer, at) {
                found.entry((offer.reason, offer.scope)).or_insert(offer.max_duration_seconds);
            }
        }
        pairs().filter_map(|pair| Some((pair, *found.get(&pair)?))).collect()
    }

    fn askers(&self) -> impl Iterator<Item = (&Kind, UnixSeconds)> {
        self.engineers.iter().flat_map(|kind| self.week.moments.iter().map(move |at| (kind, *at)))
    }

    /// What the policy allows of it, asked by each asker.
    fn allowed(&self, ((reason, scope), duration_seconds): Opening) -> impl Iterator<Item = (Ask<'_>, u32)> {
        self.askers().filter_map(move |(kind, at)| {
            let asked = Ask { duration_seconds, ..ask(kind.named("engineer"), reason, scope, at) };
            self.policy.evaluate(&asked).ok().map(|allowed| (asked, allowed.approvals))
        })
    }

    /// The fewest people that ever do; none when nobody may ask.
    fn fewest(&self, opening: Opening) -> Option<u32> {
        let mut fewest = None;
        for (_, approvals) in self.allowed(opening) {
            fewest = Some(fewest.unwrap_or(approvals).min(approvals));
            if fewest == Some(1) {
                break;
            }
        }
        fewest
    }

    fn can_be_countersigned(&self, opening: Opening) -> bool {
        self.allowed(opening).any(|(asked, count)| self.teams(count as usize).any(|team| self.admits(&asked, &team)))
    }

    /// As many people of each kind as it takes, and as many as there may be: of one kind, and of every kind together.
    fn teams(&self, count: usize) -> impl Iterator<Item = Vec<Somebody<'_>>> {
        let of = |kind, count| TEAM.iter().take(count).map(move |name| Kind::named(kind, name)).collect::<Vec<_>>();
        let all = self.approvers.iter().flat_map(move |kind| of(kind, TEAM.len())).collect();
        let each = self.approvers.iter().flat_map(move |kind| [of(kind, count), of(kind, TEAM.len())]);
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
