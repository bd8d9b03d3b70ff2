//! What may happen.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use super::company::{AUDIT, GATEWAYS};
use super::glass::{Bounds, Signing};
use super::grants::{Kind, Pair};
use super::people::{APPROVERS, ENGINEERS, Who};
use super::taken::{By, Way, What};

/// One step. Numbers name grants, permissions and windows that are there, modulo how many there are.
#[derive(Debug, Clone)]
pub enum Step {
    Ask {
        kind: Kind,
        pair: Pair,
        seconds: i64,
    },
    /// Somebody signs in advance.
    Permit {
        signing: Signing,
        bounds: Bounds,
    },
    /// An engineer asks by it.
    AskBy {
        permission: usize,
        engineer: usize,
        seconds: i64,
    },
    Open {
        grant: usize,
        gateway: usize,
    },
    /// Both gateways at once, over two TLS keys.
    Race {
        grant: usize,
    },
    /// The connection goes before the answer comes; then the same bytes come again.
    LoseAnswer {
        grant: usize,
        gateway: usize,
    },
    /// Asks for so many more seconds in a window and hands it over there, whatever was signed.
    Extend {
        window: usize,
        kind: Kind,
        approver: usize,
        more: i64,
        how: Hand,
    },
    /// Hands any grant over as one that extends the Session of a window.
    HandOver {
        grant: usize,
        window: usize,
    },
    Read {
        window: usize,
    },
    Write {
        window: usize,
    },
    End {
        window: usize,
    },
    Withdraw {
        grant: usize,
    },
    /// Somebody takes access away, whether they may or not.
    Revoke {
        what: What,
        by: By,
        code: bool,
        way: Way,
    },
    /// A service's clock is wrong by so many seconds.
    Skew {
        which: usize,
        seconds: i64,
    },
    Kill {
        which: usize,
    },
    /// Waits until a Session's time is up, when that is soon, and goes on in its window.
    Outlast {
        window: usize,
    },
}

/// How more time is asked for and handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Honest,
    /// The connection goes before the answer comes; then the same bytes come again.
    LoseAnswer,
    /// The end that is named is an hour later than the Session's own: what is added looks small.
    LaterEnd,
}

/// How many there are is all that a step has to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    grants: usize,
    permissions: usize,
}

/// The walks that are drawn.
pub struct Wishes;

impl ReferenceStateMachine for Wishes {
    type State = Known;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Known> {
        Just(Known::default()).boxed()
    }

    fn transitions(known: &Known) -> BoxedStrategy<Step> {
        if known.grants == 0 {
            return ask().boxed();
        }
        let grant = newest(known.grants);
        let (gateway, window) = (0..GATEWAYS, 0..3_usize);
        let in_advance = if known.permissions == 0 { permit().boxed() } else { ask_by().boxed() };
        prop_oneof![
            3 => ask(),
            1 => permit(),
            3 => in_advance,
            8 => (grant.clone(), gateway.clone()).prop_map(|(grant, gateway)| Step::Open { grant, gateway }),
            2 => grant.clone().prop_map(|grant| Step::Race { grant }),
            1 => (grant.clone(), gateway).prop_map(|(grant, gateway)| Step::LoseAnswer { grant, gateway }),
            5 => extend(),
            1 => (grant.clone(), window.clone()).prop_map(|(grant, window)| Step::HandOver { grant, window }),
            6 => window.clone().prop_map(|window| Step::Read { window }),
            5 => window.clone().prop_map(|window| Step::Write { window }),
            1 => window.clone().prop_map(|window| Step::End { window }),
            1 => grant.clone().prop_map(|grant| Step::Withdraw { grant }),
            4 => revoke(grant),
            1 => (0..=AUDIT, proptest::sample::select(&[-3600, -60, -3, 0, 0, 0, 3, 60, 3600][..]))
                .prop_map(|(which, seconds)| Step::Skew { which, seconds }),
            1 => (0..=AUDIT).prop_map(|which| Step::Kill { which }),
            3 => window.prop_map(|window| Step::Outlast { window }),
        ]
        .boxed()
    }

    fn apply(known: Known, step: &Step) -> Known {
        let asks = matches!(step, Step::Ask { .. } | Step::AskBy { .. } | Step::Extend { .. });
        Known {
            grants: known.grants + usize::from(asks),
            permissions: known.permissions + usize::from(matches!(step, Step::Permit { .. })),
        }
    }

    fn preconditions(known: &Known, step: &Step) -> bool {
        match step {
            Step::Ask { .. } => true,
            Step::AskBy { .. } => known.permissions > 0,
            _ => known.grants > 0,
        }
    }
}

/// The newest grants are the interesting ones.
fn newest(grants: usize) -> impl Strategy<Value = usize> + Clone {
    prop_oneof![2 => Just(0), 3 => 0..grants.min(3)].prop_map(move |back| grants - 1 - back)
}

fn ask() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![4 => Just(Kind::Right), 3 => proptest::sample::select(&Kind::ALL[..])];
    (kind, pair(), seconds()).prop_map(|(kind, pair, seconds)| Step::Ask { kind, pair, seconds })
}

fn pair() -> impl Strategy<Value = Pair> {
    (0..ENGINEERS, 0..APPROVERS).prop_map(|(engineer, approver)| Pair { engineer, approver })
}

fn seconds() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![1 => Just(3_i64), 2 => Just(600)]
}

fn permit() -> impl Strategy<Value = Step> {
    let signing = prop_oneof![3 => Just(Signing::Both), 1 => proptest::sample::select(&Signing::ALL[..])];
    let bounds = prop_oneof![4 => Just(Bounds::Wide), 4 => proptest::sample::select(&Bounds::ALL[..])];
    (signing, bounds).prop_map(|(signing, bounds)| Step::Permit { signing, bounds })
}

fn ask_by() -> impl Strategy<Value = Step> {
    let engineer = prop_oneof![5 => 0..ENGINEERS - 1, 1 => Just(ENGINEERS - 1)];
    let asked = (0..2_usize, engineer, seconds());
    asked.prop_map(|(permission, engineer, seconds)| Step::AskBy { permission, engineer, seconds })
}

fn extend() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![5 => Just(Kind::Right), 2 => proptest::sample::select(&Kind::ALL[..])];
    // The longest is past what the policy allows in all.
    let more = proptest::sample::select(&[3_i64, 3, 3, 600, 3600][..]);
    let how = prop_oneof![4 => Just(Hand::Honest), 1 => Just(Hand::LoseAnswer), 1 => Just(Hand::LaterEnd)];
    // The newest window is the one whose time is not up yet.
    let window = prop_oneof![2 => Just(0), 1 => 0..3_usize];
    let asked = (window, kind, 0..APPROVERS, more, how);
    asked.prop_map(|(window, kind, approver, more, how)| Step::Extend { window, kind, approver, more, how })
}

fn revoke(grant: impl Strategy<Value = usize> + Clone) -> impl Strategy<Value = Step> {
    let who = prop_oneof![
        3 => (0..ENGINEERS).prop_map(Who::Engineer),
        3 => (0..APPROVERS).prop_map(Who::Approver),
        1 => Just(Who::Administrator),
    ];
    let what = prop_oneof![
        2 => grant.prop_map(What::Grant),
        4 => prop_oneof![2 => Just(0), 1 => 0..3_usize].prop_map(What::Opened),
        2 => (0..3_usize).prop_map(What::Session),
        2 => (0..2_usize).prop_map(What::Permission),
        2 => who.clone().prop_map(What::Device),
        1 => who.prop_map(What::Person),
    ];
    let by = prop_oneof![
        6 => Just(By::Administrator),
        2 => (0..APPROVERS).prop_map(By::Approver),
        1 => (0..ENGINEERS).prop_map(By::Engineer),
        1 => Just(By::Themselves),
        1 => Just(By::Stranger),
    ];
    let code = prop_oneof![3 => Just(true), 1 => Just(false)];
    let gateway = 0..GATEWAYS;
    let way = prop_oneof![
        3 => gateway.clone().prop_map(Way::Gateway),
        2 => gateway.clone().prop_map(Way::Race),
        1 => gateway.prop_map(Way::Killed),
        2 => Just(Way::Broker),
        1 => Just(Way::Hushed),
    ];
    (what, by, code, way).prop_map(|(what, by, code, way)| Step::Revoke { what, by, code, way })
}
