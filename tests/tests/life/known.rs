//! A walk that is taken on every run: what is drawn comes to these places now and then only.

use super::glass::{Bounds, Signing};
use super::grants::{Kind, Pair};
use super::people::Who;
use super::steps::{Hand, Step};
use super::taken::{By, Way, What};

const FIRST: Pair = Pair { engineer: 0, approver: 0 };
const SECOND: Pair = Pair { engineer: 1, approver: 1 };
/// The newest.
const NEWEST: usize = 0;

pub fn walk() -> Vec<Step> {
    let first = [cut_by_the_broker(), gone_after_a_kill(), used_once(), ended(), extended()];
    first.into_iter().chain([taken_along(), heard_without_a_code()]).flatten().collect()
}

/// What is open ends with the leases, at both gateways.
fn cut_by_the_broker() -> Vec<Step> {
    vec![
        ask(FIRST),
        Step::Open { grant: 0, gateway: 0 },
        Step::Write { window: NEWEST },
        revoke(What::Opened(NEWEST), By::Administrator, Way::Broker),
        Step::Open { grant: 0, gateway: 1 },
    ]
}

/// What lay still in a gateway while the log heard of it is not taken up again.
fn gone_after_a_kill() -> Vec<Step> {
    vec![
        permit(Bounds::Wide),
        ask_by(0),
        Step::Open { grant: 1, gateway: 0 },
        Step::Write { window: NEWEST },
        Step::Kill { which: 0 },
        revoke(What::Permission(NEWEST), By::Approver(2), Way::Hushed),
        Step::Open { grant: 1, gateway: 0 },
        Step::Read { window: NEWEST },
    ]
}

fn used_once() -> Vec<Step> {
    vec![
        permit(Bounds::Once),
        ask_by(0),
        Step::Race { grant: 2 },
        ask_by(1),
        Step::Open { grant: 3, gateway: 0 },
        ask_by(2),
        Step::Open { grant: 4, gateway: 1 },
    ]
}

/// What was signed for three seconds, before and after them.
fn ended() -> Vec<Step> {
    let asked = Step::Ask { kind: Kind::Right, pair: FIRST, seconds: 3 };
    vec![
        permit(Bounds::Soon),
        ask_by(0),
        asked,
        Step::Open { grant: 6, gateway: 0 },
        Step::Outlast { window: NEWEST },
        Step::Open { grant: 5, gateway: 0 },
    ]
}

/// And goes on after its first end.
fn extended() -> Vec<Step> {
    let more = Step::Extend { window: NEWEST, kind: Kind::Right, approver: 1, more: 3, how: Hand::Honest };
    vec![
        Step::Ask { kind: Kind::Right, pair: FIRST, seconds: 3 },
        Step::Open { grant: 7, gateway: 0 },
        more,
        Step::Outlast { window: NEWEST },
    ]
}

/// Whoever countersigned takes it along, and signs nothing more that counts; and what is over stays over after a kill.
fn taken_along() -> Vec<Step> {
    vec![
        ask(SECOND),
        Step::Open { grant: 9, gateway: 1 },
        Step::Read { window: NEWEST },
        revoke(What::Device(Who::Approver(1)), By::Administrator, Way::Gateway(1)),
        ask(SECOND),
        Step::Open { grant: 10, gateway: 0 },
        ask(FIRST),
        Step::Open { grant: 11, gateway: 1 },
        revoke(What::Opened(NEWEST), By::Approver(2), Way::Killed(1)),
        Step::Open { grant: 11, gateway: 1 },
        Step::Read { window: NEWEST },
        ask(FIRST),
        revoke(What::Person(Who::Engineer(0)), By::Administrator, Way::Race(1)),
        ask(FIRST),
        Step::Open { grant: 13, gateway: 0 },
    ]
}

/// Without a code nothing lasting is written; where it was heard nothing opens all the same.
fn heard_without_a_code() -> Vec<Step> {
    let (what, by, way) = (What::Device(Who::Engineer(2)), By::Administrator, Way::Gateway(0));
    vec![
        Step::Revoke { what, by, code: false, way },
        ask(Pair { engineer: 2, approver: 2 }),
        Step::Open { grant: 14, gateway: 0 },
        Step::Read { window: NEWEST },
    ]
}

fn ask(pair: Pair) -> Step {
    Step::Ask { kind: Kind::Right, pair, seconds: 600 }
}

fn permit(bounds: Bounds) -> Step {
    Step::Permit { signing: Signing::Both, bounds }
}

fn ask_by(engineer: usize) -> Step {
    Step::AskBy { permission: NEWEST, engineer, seconds: 600 }
}

fn revoke(what: What, by: By, way: Way) -> Step {
    Step::Revoke { what, by, code: true, way }
}
