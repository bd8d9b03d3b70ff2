use ::policy::{Ask, Decider, Policy, Somebody};
use domain::{ReasonCategory, Role, Scope, UnixSeconds};
use serde::Serialize;
use statement::Terms;

use crate::policy_change::kinds::{Kind, kinds};
use crate::policy_change::offers::{ask, pairs};
use crate::policy_change::week::{Week, numbers};

/// What is allowed, but what whoever writes a policy rarely means.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli::policy) struct Remark {
    pub(in crate::cli::policy) code: &'static str,
    pub(in crate::cli::policy) sentence: String,
}

/// More people than these never countersign one request.
const TEAM: [&str; 4] = ["a", "b", "c", "d"];

type Pair = (ReasonCategory, Scope);

/// A reason at a Scope that somebody may ask for, and a duration in seconds for which they may.
type Possible = (Pair, i64);

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
    let before: Vec<Pair> = Open::of(pinned).possible(&[]).into_iter().map(|(pair, _)| pair).collect();
    let offered = Open::of(policy);
    let possible = offered.possible(&before);
    let mut remarks = lost(before, &possible);
    remarks.extend(offered.not_countersigned(&possible));
    remarks.extend(offered.administer_with_one(&possible));
    remarks.extend(offered.wishes_not_kept());
    let (own, of_pinned) = (policy.heading().version, pinned.heading().version);
    if policy.digest() != pinned.digest() && own <= of_pinned {
        let sentence =
            format!("Its version is {own}, and that of the one that is compiled in is {of_pinned}: count on.");
        remarks.push(Remark { code: "version", sentence });
    }
    remarks
}

/// What could be asked for `before` and cannot be any more.
fn lost(before: Vec<Pair>, possible: &[Possible]) -> Vec<Remark> {
    let still = |pair: &Pair| possible.iter().any(|(open, _)| open == pair);
    let by_reason = by_reason(before.into_iter().filter(|pair| !still(pair))).into_iter();
    let remark = |(reason, scopes): (ReasonCategory, String)| {
        let label = reason.label();
        if Scope::ALL.iter().any(|scope| still(&(reason, *scope))) {
            let sentence = format!("Nobody can open {scopes} for “{label}” any more.");
            Remark { code: "no-longer-opens", sentence }
        } else {
            Remark { code: "opens-nothing", sentence: format!("“{label}” opens nothing any more, at no Scope.") }
        }
    };
    by_reason.map(remark).collect()
}

impl<'a> Open<'a> {
    fn of(policy: &'a Policy) -> Self {
        let kinds = |role| kinds(policy, role);
        Self { policy, week: Week::of(&[policy]), engineers: kinds(Role::Engineer), approvers: kinds(Role::Approver) }
    }

    /// What it opens. Each of `wanted` is looked for with every duration that a rule could mean.
    fn possible(&self, wanted: &[Pair]) -> Vec<Possible> {
        let meant = durations(self.policy);
        let open_for = |pair: Pair, durations: &[i64]| {
            durations.iter().map(|seconds| (pair, *seconds)).find(|asked| self.asks(*asked).next().is_some())
        };
        let thorough = |pair| if wanted.contains(&pair) { open_for(pair, &meant) } else { None };
        pairs().filter_map(|pair| open_for(pair, &TRIED).or_else(|| thorough(pair))).collect()
    }

    fn askers(&self) -> impl Iterator<Item = (&Kind, UnixSeconds)> {
        self.engineers.iter().flat_map(|kind| self.week.moments.iter().map(move |at| (kind, *at)))
    }

    /// It, asked by each who may ask for it.
    fn asks(&self, ((reason, scope), duration_seconds): Possible) -> impl Iterator<Item = Ask<'_>> {
        let asked =
            move |(kind, at): (_, _)| Ask { duration_seconds, ..ask(Kind::named(kind, "engineer"), reason, scope, at) };
        self.askers().map(asked).filter(|asked| self.policy.lets_ask(asked))
    }

    /// What the policy allows of it, with how many people.
    fn allowed(&self, asked: Possible) -> impl Iterator<Item = (Ask<'_>, u32)> {
        let takes = |asked: Ask<'_>| self.policy.evaluate(&asked).ok().map(|allowed| allowed.approvals);
        self.asks(asked).filter_map(move |asked| takes(asked).map(|count| (asked, count)))
    }

    /// The fewest people that ever do; none when nobody may ask.
    fn fewest(&self, asked: Possible) -> Option<u32> {
        let mut fewest = None;
        for (_, approvals) in self.allowed(asked) {
            fewest = Some(fewest.unwrap_or(approvals).min(approvals));
            if fewest == Some(1) {
                break;
            }
        }
        fewest
    }

    fn not_countersigned(&self, possible: &[Possible]) -> Vec<Remark> {
        let never = possible.iter().filter(|asked| !self.can_be_countersigned(**asked));
        let never: Vec<Pair> = never.map(|(pair, _)| *pair).collect();
        let code = "nobody-countersigns";
        if !never.is_empty() && never.len() == possible.len() {
            let sentence = "Nobody may countersign anything, so nothing opens.".to_owned();
            return vec![Remark { code, sentence }];
        }
        let remark = |(reason, scopes): (ReasonCategory, String)| {
            let label = reason.label();
            let sentence = format!("Nobody can countersign {scopes} for “{label}”, so it never opens.");
            Remark { code, sentence }
        };
        by_reason(never.into_iter()).into_iter().map(remark).collect()
    }

    fn administer_with_one<'b>(&'b self, possible: &'b [Possible]) -> impl Iterator<Item = Remark> + 'b {
        let administer = possible.iter().filter(|((_, scope), _)| *scope == Scope::Administer);
        administer.filter(|asked| self.fewest(**asked) == Some(1)).map(|((reason, _), _)| {
            let sentence = format!("“{}” opens Administer with one countersigner.", reason.label());
            Remark { code: "administer-with-one", sentence }
        })
    }

    fn can_be_countersigned(&self, possible: Possible) -> bool {
        self.allowed(possible).any(|(asked, count)| self.teams(count as usize).any(|team| self.admits(&asked, &team)))
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
    fn wishes_not_kept(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
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
                asks.any(|asked| self.policy.lets_ask(&asked))
            });
            if gets_in {
                let sentence = format!("{id} refuses {who} {text}, but no rule keeps them out of everything.");
                remarks.push(Remark { code: "wish-not-kept", sentence });
            }
        }
        remarks
    }
}

/// Durations in seconds at which a rule can begin to answer otherwise.
fn durations(policy: &Policy) -> Vec<i64> {
    let about = policy.rules().iter().filter(|rule| rule.cedar.contains("duration_seconds"));
    about.flat_map(|rule| numbers(&rule.cedar)).flat_map(|n| [n.saturating_sub(1), n, n.saturating_add(1)]).collect()
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
