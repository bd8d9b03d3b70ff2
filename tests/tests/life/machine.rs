//! The hands that make it happen.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use domain::{Digest, SessionId};
use proptest_state_machine::StateMachineTest;
use reqwest::Method;
use wire::event::Append;

use super::company::{AUDIT, GATEWAYS, World};
use super::glass::Permission;
use super::grants::{Grant, Kind, Pair};
use super::held::Seen;
use super::people::People;
use super::steps::{Known, Step, Wishes};
use super::taken::Taken;
use super::tally::{Happened, count};
use super::window::Window;

/// Two gateways do not tell each other. One that holds a Session which ended at the other learns it from the first record
/// that it cannot hand in: what is read until then passes (docs/threat-model.md, "There is one gateway").
const LEARNS_WITHIN: Duration = Duration::from_secs(5);
/// A step does not wait longer than this.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The company and all that was done with it.
pub struct Machine {
    pub(super) world: World,
    pub(super) people: People,
    pub(super) seen: Seen,
    pub(super) grants: Vec<Grant>,
    pub(super) permissions: Vec<Permission>,
    pub(super) revocations: Vec<Taken>,
    /// When the broker's word about a request has to have had its effect everywhere.
    pub(super) cut: HashMap<Digest, Instant>,
    pub(super) windows: Vec<Window>,
    /// Whether a service's clock is wrong now.
    pub(super) skewed: [bool; GATEWAYS + 1],
    /// When a gateway first let something through of a Session that was sealed already.
    late: HashMap<(SessionId, usize), Instant>,
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Self;
    type Reference = Wishes;

    fn init_test(_: &Known) -> Self {
        let world = World::new();
        let mut seen = Seen::new(&world);
        let (people, entries) = People::enrolled(&world);
        for entry in &entries {
            seen.acknowledged(world.runtime.block_on(world.broker.append(entry)).expect("enrolled"));
        }
        Self {
            world,
            people,
            seen,
            grants: Vec::new(),
            permissions: Vec::new(),
            revocations: Vec::new(),
            cut: HashMap::new(),
            windows: Vec::new(),
            skewed: [false; GATEWAYS + 1],
            late: HashMap::new(),
        }
    }

    fn apply(mut machine: Self, _: &Known, step: Step) -> Self {
        machine.world.site.company.moments = tests::site::moments();
        machine.step(&step);
        let runtime = machine.world.runtime.handle().clone();
        runtime.block_on(machine.seen.read(&machine.world));
        machine.seen.check(&machine.grants, &machine.revocations);
        machine
    }
}

impl Machine {
    fn step(&mut self, step: &Step) {
        let runtime = self.world.runtime.handle().clone();
        match *step {
            Step::Ask { kind, pair, seconds } => runtime.block_on(self.ask(kind, pair, seconds)),
            Step::Permit { signing, bounds } => runtime.block_on(self.permit(signing, bounds)),
            Step::AskBy { permission, engineer, seconds } => {
                runtime.block_on(self.ask_by(permission, engineer, seconds));
            }
            Step::Open { grant, gateway } => runtime.block_on(self.open(self.named(grant), gateway)),
            Step::Race { grant } => runtime.block_on(self.race(self.named(grant))),
            Step::LoseAnswer { grant, gateway } => runtime.block_on(self.lose_answer(self.named(grant), gateway)),
            Step::Extend { window, kind, approver, more, how } => {
                runtime.block_on(self.extend(window, (kind, approver), more, how));
            }
            Step::HandOver { grant, window } => runtime.block_on(self.hand_over(self.named(grant), window)),
            Step::Read { window } => runtime.block_on(self.use_window(window, Method::GET)),
            Step::Write { window } => runtime.block_on(self.use_window(window, Method::POST)),
            Step::End { window } => runtime.block_on(self.end(window)),
            Step::Withdraw { grant } => runtime.block_on(self.withdraw(self.named(grant))),
            Step::Revoke { what, by, code, way } => runtime.block_on(self.revoke(what, by, code, way)),
            Step::Skew { which, seconds } => self.skew(which, seconds),
            Step::Kill { which } => self.kill(which),
            Step::Outlast { window } => runtime.block_on(self.outlast(window)),
        }
    }

    async fn ask(&mut self, kind: Kind, pair: Pair, seconds: i64) {
        let company = &self.world.site.company;
        let (grant, entries) = Grant::ask(company, &self.people, kind, pair, seconds, self.grants.len());
        self.asked(grant, entries).await;
    }

    /// Somebody asked for this, and the broker writes what it likes about it.
    pub(super) async fn asked(&mut self, grant: Grant, entries: Vec<Append>) {
        for entry in &entries {
            self.append(entry).await;
        }
        self.grants.push(grant);
    }

    pub(super) async fn append(&mut self, entry: &Append) {
        if let Ok(receipt) = self.world.broker.append(entry).await {
            self.seen.acknowledged(receipt);
        }
    }

    /// Numbers name grants modulo how many there are, so that a shorter walk is still one.
    pub(super) fn named(&self, grant: usize) -> usize {
        grant % self.grants.len().max(1)
    }

    pub(super) async fn use_window(&mut self, back: usize, method: Method) {
        if let Some(window) = self.window(back) {
            self.go_on(window, method).await;
        }
    }

    /// Whether it passed, which it must not when anything says that it is over.
    pub(super) async fn go_on(&mut self, window: usize, method: Method) -> bool {
        let (asked, arrived) = (Instant::now(), self.world.arrived.load(Ordering::SeqCst));
        let answered = self.windows[window].ask(method.clone()).await;
        let window = &self.windows[window];
        if !answered && self.world.arrived.load(Ordering::SeqCst) == arrived {
            return false;
        }
        count(Happened::Used);
        if asked > window.first_cut() {
            count(Happened::UsedAfterFirstEnd);
        }
        assert!(asked < window.cut(), "{method} passed after the time was up");
        let ended_here = window.ended.is_some_and(|(_, at)| at == window.gateway);
        assert!(!ended_here, "{method} passed after the Session had ended");
        assert!(!self.is_heard(window.gateway, window), "{method} passed in what a gateway heard was revoked");
        let cut = self.cut.get(&self.grants[window.grant].request);
        assert!(cut.is_none_or(|by| asked < *by), "{method} passed long after the broker said that it was revoked");
        if self.seen.is_sealed(&window.session) {
            assert_eq!(method, Method::GET, "a write passed that nothing recorded");
            let first = self.late.entry((window.session.clone(), window.gateway)).or_insert(asked);
            assert!(asked < *first + LEARNS_WITHIN, "{method} passed long after the Recording was sealed");
        }
        true
    }

    async fn outlast(&mut self, back: usize) {
        let Some(window) = self.window(back) else { return };
        let left = self.windows[window].cut().saturating_duration_since(Instant::now());
        if left < PATIENCE {
            tokio::time::sleep(left).await;
            count(Happened::Outlasted);
            self.use_window(back, Method::GET).await;
            self.use_window(back, Method::POST).await;
        }
    }

    async fn end(&mut self, window: usize) {
        let Some(window) = self.window(window) else { return };
        if self.windows[window].end().await {
            let (session, at): (SessionId, usize) =
                (self.windows[window].session.clone(), self.windows[window].gateway);
            for other in self.windows.iter_mut().filter(|w| w.session == session) {
                other.ended.get_or_insert((Instant::now(), at));
            }
        }
    }

    async fn withdraw(&mut self, grant: usize) {
        let entry = self.grants[grant].withdrawn();
        self.append(&entry).await;
    }

    /// The audit service's clock goes wrong by little: with one that goes back by more it stands still, and so does the walk.
    fn skew(&mut self, which: usize, seconds: i64) {
        let seconds = if which == AUDIT { seconds.clamp(-3, 3) } else { seconds };
        self.skewed[which] = seconds != 0;
        if which != AUDIT {
            self.forget(which, false);
        }
        self.world.clocks[which].set(seconds);
    }

    pub(super) fn kill(&mut self, which: usize) {
        count(Happened::Killed);
        self.world.kill(which);
        if which != AUDIT {
            self.forget(which, true);
        }
    }

    /// One of the newest windows.
    pub(super) fn window(&self, back: usize) -> Option<usize> {
        self.windows.len().checked_sub(1 + back % self.windows.len().max(1))
    }
}
