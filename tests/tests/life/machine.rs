//! What may happen, and the hands that make it happen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use client::CallError;
use domain::SessionId;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use reqwest::Method;
use wire::gateway::OpenedSession;

use super::company::{AUDIT, GATEWAYS, World};
use super::extending::seconds;
use super::grants::{Grant, Kind, People};
use super::held::Seen;
use super::window::{SessionKey, Window, open};

/// Opened, refused, used, killed, outlasted, extended, used after the first end: so that a walk on which nothing happened
/// does not pass.
pub static TALLY: [AtomicU32; 7] = [const { AtomicU32::new(0) }; 7];
/// Two gateways do not tell each other. One that holds a Session which ended at the other learns it from the first record
/// that it cannot hand in: what is read until then passes (docs/threat-model.md, "There is one gateway").
const LEARNS_WITHIN: Duration = Duration::from_secs(5);
/// A step does not wait longer than this.
pub const PATIENCE: Duration = Duration::from_secs(5);

pub fn count(what: usize) {
    TALLY[what].fetch_add(1, Ordering::Relaxed);
}

/// One step. Numbers name grants and windows that are there, modulo how many there are.
#[derive(Debug, Clone)]
pub enum Step {
    Ask {
        kind: Kind,
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

/// The walks that are drawn: how many grants there are is all that a step has to know.
pub struct Wishes;

impl ReferenceStateMachine for Wishes {
    type State = usize;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<usize> {
        Just(0).boxed()
    }

    fn transitions(grants: &usize) -> BoxedStrategy<Step> {
        let kind = prop_oneof![4 => Just(Kind::Right), 3 => proptest::sample::select(&Kind::ALL[..])];
        let ask = (kind, prop_oneof![Just(3_i64), Just(600)]).prop_map(|(kind, seconds)| Step::Ask { kind, seconds });
        if *grants == 0 {
            return ask.boxed();
        }
        // The newest grants are the interesting ones.
        let grant = (0..(*grants).min(3)).prop_map({
            let grants = *grants;
            move |back| grants - 1 - back
        });
        let (gateway, window) = (0..GATEWAYS, 0..3_usize);
        prop_oneof![
            2 => ask,
            5 => (grant.clone(), gateway.clone()).prop_map(|(grant, gateway)| Step::Open { grant, gateway }),
            2 => grant.clone().prop_map(|grant| Step::Race { grant }),
            1 => (grant.clone(), gateway).prop_map(|(grant, gateway)| Step::LoseAnswer { grant, gateway }),
            5 => extend(),
            1 => (grant.clone(), window.clone()).prop_map(|(grant, window)| Step::HandOver { grant, window }),
            6 => window.clone().prop_map(|window| Step::Read { window }),
            5 => window.clone().prop_map(|window| Step::Write { window }),
            1 => window.clone().prop_map(|window| Step::End { window }),
            1 => grant.prop_map(|grant| Step::Withdraw { grant }),
            1 => (0..=AUDIT, proptest::sample::select(&[-3600, -60, -3, 0, 0, 0, 3, 60, 3600][..]))
                .prop_map(|(which, seconds)| Step::Skew { which, seconds }),
            1 => (0..=AUDIT).prop_map(|which| Step::Kill { which }),
            3 => window.prop_map(|window| Step::Outlast { window }),
        ]
        .boxed()
    }

    fn apply(grants: usize, step: &Step) -> usize {
        grants + usize::from(matches!(step, Step::Ask { .. } | Step::Extend { .. }))
    }

    fn preconditions(grants: &usize, step: &Step) -> bool {
        *grants > 0 || matches!(step, Step::Ask { .. })
    }
}

fn extend() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![5 => Just(Kind::Right), 2 => proptest::sample::select(&Kind::ALL[..])];
    // The longest is past what the policy allows in all.
    let more = proptest::sample::select(&[3_i64, 3, 3, 600, 3600][..]);
    let how = prop_oneof![4 => Just(Hand::Honest), 1 => Just(Hand::LoseAnswer), 1 => Just(Hand::LaterEnd)];
    // The newest window is the one whose time is not up yet.
    let window = prop_oneof![2 => Just(0), 1 => 0..3_usize];
    (window, kind, more, how).prop_map(|(window, kind, more, how)| Step::Extend { window, kind, more, how })
}

/// The company and all that was done with it.
pub struct Machine {
    pub(super) world: World,
    pub(super) people: People,
    seen: Seen,
    pub(super) grants: Vec<Grant>,
    pub(super) windows: Vec<Window>,
    /// Whether a service's clock is wrong now.
    pub(super) skewed: [bool; GATEWAYS + 1],
    /// When a gateway first let something through of a Session that was sealed already.
    late: HashMap<(SessionId, usize), Instant>,
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Self;
    type Reference = Wishes;

    fn init_test(_: &usize) -> Self {
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
            windows: Vec::new(),
            skewed: [false; GATEWAYS + 1],
            late: HashMap::new(),
        }
    }

    fn apply(mut machine: Self, _: &usize, step: Step) -> Self {
        machine.world.site.company.moments = tests::site::moments();
        machine.step(&step);
        let runtime = machine.world.runtime.handle().clone();
        runtime.block_on(machine.seen.read(&machine.world));
        machine.seen.check(&machine.grants);
        machine
    }
}

impl Machine {
    fn step(&mut self, step: &Step) {
        let runtime = self.world.runtime.handle().clone();
        match *step {
            Step::Ask { kind, seconds } => runtime.block_on(self.ask(kind, seconds)),
            Step::Open { grant, gateway } => runtime.block_on(self.open(self.named(grant), gateway)),
            Step::Race { grant } => runtime.block_on(self.race(self.named(grant))),
            Step::LoseAnswer { grant, gateway } => runtime.block_on(self.lose_answer(self.named(grant), gateway)),
            Step::Extend { window, kind, more, how } => runtime.block_on(self.extend(window, kind, more, how)),
            Step::HandOver { grant, window } => runtime.block_on(self.hand_over(self.named(grant), window)),
            Step::Read { window } => runtime.block_on(self.use_window(window, Method::GET)),
            Step::Write { window } => runtime.block_on(self.use_window(window, Method::POST)),
            Step::End { window } => runtime.block_on(self.end(window)),
            Step::Withdraw { grant } => runtime.block_on(self.withdraw(self.named(grant))),
            Step::Skew { which, seconds } => self.skew(which, seconds),
            Step::Kill { which } => {
                count(3);
                self.world.kill(which);
            }
            Step::Outlast { window } => runtime.block_on(self.outlast(window)),
        }
    }

    async fn ask(&mut self, kind: Kind, seconds: i64) {
        let (grant, entries) = Grant::ask(&self.world.site.company, &self.people, kind, seconds, self.grants.len());
        for entry in &entries {
            self.append(entry).await;
        }
        self.grants.push(grant);
    }

    pub(super) async fn append(&mut self, entry: &wire::event::Append) {
        if let Ok(receipt) = self.world.broker.append(entry).await {
            self.seen.acknowledged(receipt);
        }
    }

    /// Numbers name grants modulo how many there are, so that a shorter walk is still one.
    fn named(&self, grant: usize) -> usize {
        grant % self.grants.len().max(1)
    }

    async fn open(&mut self, grant: usize, gateway: usize) {
        let answer = self.knock(grant, gateway, &SessionKey::new()).await;
        self.took(grant, answer);
    }

    async fn knock(
        &self,
        grant: usize,
        gateway: usize,
        key: &SessionKey,
    ) -> Result<(Window, OpenedSession), CallError> {
        let of = &self.grants[grant];
        let bundle = of.bundle(&self.world.site.company, &key.certificate);
        let place = (gateway, self.world.addresses[gateway]);
        open(place, &self.world.site.ca.pem, key, &bundle, (grant, of.seconds)).await
    }

    /// Whatever was opened was rightly opened, and as the one Session that this Grant has.
    fn took(&mut self, grant: usize, answer: Result<(Window, OpenedSession), CallError>) {
        let Ok((mut window, opened)) = answer else { return count(1) };
        count(0);
        assert_eq!(self.grants[grant].kind, Kind::Right, "a gateway opened without two persons' signatures");
        assert!(self.grants[grant].extends.is_none(), "a gateway opened a Session with what extends one");
        let others: Vec<&Window> = self.windows.iter().filter(|w| w.grant == grant).collect();
        for other in &others {
            assert_eq!(other.session, window.session, "one Grant, two Sessions");
            let ended_here = other.ended.is_some_and(|(_, at)| at == window.gateway);
            assert!(!ended_here, "a gateway opened a Session that had ended there");
        }
        let held_before = others.iter().any(|w| w.gateway == window.gateway);
        let was_sealed = self.seen.is_sealed(&window.session);
        assert!(held_before || !was_sealed, "a gateway opened a Session whose Recording is sealed");
        // The clock of a Session that is resumed goes on from where it stood.
        if let Some(other) = others.iter().min_by_key(|w| w.first_end).filter(|w| w.first_end < window.first_end) {
            window.first_end = other.first_end;
        }
        // And what was signed for it since, it has wherever it is resumed.
        window.seconds = others.iter().map(|w| w.seconds).max().unwrap_or(window.seconds);
        window.ends = window.first_end + seconds(window.seconds - self.grants[grant].seconds);
        window.loose = others.iter().any(|w| w.loose) || self.skewed.contains(&true);
        self.seen.acknowledged(opened.receipt);
        self.windows.push(window);
    }

    async fn race(&mut self, grant: usize) {
        let keys = [SessionKey::new(), SessionKey::new()];
        let (first, second) = tokio::join!(self.knock(grant, 0, &keys[0]), self.knock(grant, 1, &keys[1]));
        self.took(grant, first);
        self.took(grant, second);
    }

    async fn lose_answer(&mut self, grant: usize, gateway: usize) {
        let key = SessionKey::new();
        let waited = Duration::from_millis(u64::try_from(grant).unwrap_or(0) * 7 % 40);
        let lost = tokio::time::timeout(waited, self.knock(grant, gateway, &key)).await;
        let again = match lost {
            Ok(answer) => answer,
            Err(_) => self.knock(grant, gateway, &key).await,
        };
        self.took(grant, again);
    }

    pub(super) async fn use_window(&mut self, window: usize, method: Method) {
        let Some(window) = self.window(window) else { return };
        let (asked, arrived) = (Instant::now(), self.world.arrived.load(Ordering::SeqCst));
        let answered = self.windows[window].ask(method.clone()).await;
        let window = &self.windows[window];
        if !answered && self.world.arrived.load(Ordering::SeqCst) == arrived {
            return;
        }
        count(2);
        if asked > window.first_cut() {
            count(6);
        }
        assert!(asked < window.cut(), "{method} passed after the time was up");
        let ended_here = window.ended.is_some_and(|(_, at)| at == window.gateway);
        assert!(!ended_here, "{method} passed after the Session had ended");
        if self.seen.is_sealed(&window.session) {
            assert_eq!(method, Method::GET, "a write passed that nothing recorded");
            let first = self.late.entry((window.session.clone(), window.gateway)).or_insert(asked);
            assert!(asked < *first + LEARNS_WITHIN, "{method} passed long after the Recording was sealed");
        }
    }

    async fn outlast(&mut self, back: usize) {
        let Some(window) = self.window(back) else { return };
        let left = self.windows[window].cut().saturating_duration_since(Instant::now());
        if left < PATIENCE {
            tokio::time::sleep(left).await;
            count(4);
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
        self.world.clocks[which].set(seconds);
    }

    /// One of the newest windows.
    pub(super) fn window(&self, back: usize) -> Option<usize> {
        self.windows.len().checked_sub(1 + back % self.windows.len().max(1))
    }
}
