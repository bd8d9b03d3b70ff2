//! The broker beside a model of a few lines, under steps drawn at random: whatever the model forbids is refused, each step
//! that is taken has one Event, and both stand alike after every step.

use std::collections::{BTreeMap, BTreeSet};

use domain::Digest;
use serde_json::json;
use statement::sha256;

use super::world::{Account, World};

/// A small generator with a seed that a failure prints (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).expect("31 bits") % n
    }
}

/// A step: whether the model allows it, whether the broker took it, and how many Events it leaves either way.
type Outcome = (bool, bool, usize);

/// What the model says of a request.
#[derive(Debug, Clone)]
struct Model {
    state: &'static str,
    asked_by: usize,
    /// Until when it can be decided, then opened, then used.
    until: i64,
    /// It has had its Approval.
    approved: bool,
    /// What the gateway told of it last: that it opened, or that it ended.
    told: Option<bool>,
}

#[tokio::test]
async fn the_broker_does_what_the_model_does() {
    let mut reached = BTreeSet::new();
    for seed in [0x9E37_79B9_7F4A_7C15, 2, 3, 4] {
        reached.extend(walk(seed, 150).await);
    }
    assert_eq!(reached.len(), 7, "{reached:?}");
}

/// The states that its requests reached.
async fn walk(seed: u64, steps: usize) -> BTreeSet<&'static str> {
    let mut dice = Dice(seed);
    let mut w = World::new().await;
    let people = [
        w.admitted("e-1", &["engineer", "approver"]).await,
        w.admitted("e-2", &["engineer", "approver"]).await,
        w.admitted("e-3", &["approver"]).await,
    ];
    let mut model: BTreeMap<Digest, Model> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    for step in 0..steps {
        let context = format!("seed {seed:#x}, step {step}");
        let (who, events) = (dice.below(3), w.log.len());
        let pick = dice.below(model.len().max(1));
        let picked = model.keys().nth(pick).cloned();
        let (allowed, happened, logged) = match (dice.below(8), picked) {
            (0 | 1, _) | (_, None) => ask(&w, &people, who, &mut model).await,
            (2 | 3, Some(id)) => decide(&w, &people[who], who, &id, &mut model, dice.below(2) == 0).await,
            (4, Some(id)) => withdraw(&w, &people[who], who, &id, &mut model).await,
            (5 | 6, Some(id)) => tell(&w, &id, &mut model, dice.below(2) == 0).await,
            (_, Some(_)) => {
                w.clock.advance(i64::try_from(dice.below(900)).expect("small"));
                if dice.below(3) == 0 {
                    w.restart().await;
                }
                (true, true, 0)
            }
        };
        assert_eq!(happened, allowed, "{context}");
        assert_eq!(w.log.len() - events, logged, "{context}");
        crate::expiry::sweep(&w.broker).await.expect("swept");
        for request in model.values_mut() {
            request.state = match request.state {
                "waiting" if w.broker.now() >= request.until => "expired",
                "approved" if w.broker.now() >= request.until + 30 => "expired",
                "open" if w.broker.now() >= request.until + 120 => "ended",
                state => state,
            };
            reached.insert(request.state);
        }
        compare(&w, &model, &context).await;
    }
    reached
}

async fn compare(w: &World, model: &BTreeMap<Digest, Model>, context: &str) {
    for (id, expected) in model {
        let row = w.broker.find(id.as_str()).await.expect("row");
        let state = json!(row.standing.state);
        assert!(state == expected.state, "{context}: {state} beside {expected:?}");
    }
}

async fn ask(w: &World, people: &[Account; 3], who: usize, model: &mut BTreeMap<Digest, Model>) -> Outcome {
    let statement = w.sign(&people[who], w.request(), 3600);
    let until = w.broker.now() + 3600;
    let waiting = model.values().filter(|m| m.asked_by == who && m.state == "waiting").count();
    let allowed = who != 2 && waiting < 20;
    let answer = w.post(&people[who], "/v1/requests", json!({ "statement": statement })).await;
    if answer.0 == 200 {
        model.insert(sha256(statement), Model { state: "waiting", asked_by: who, until, approved: false, told: None });
    }
    (allowed, answer.0 == 200, 1)
}

async fn decide(
    w: &World,
    person: &Account,
    who: usize,
    id: &Digest,
    model: &mut BTreeMap<Digest, Model>,
    approve: bool,
) -> Outcome {
    let before = w.broker.now();
    let answer = if approve { w.approve(person, id).await } else { w.deny(person, id).await };
    let entry = model.get_mut(id).expect("picked");
    // Taking a code lets time go on; the decision is judged after it.
    let allowed = entry.state == "waiting" && w.broker.now() < entry.until && entry.asked_by != who;
    if answer.0 == 200 {
        entry.state = if approve { "approved" } else { "denied" };
        if approve {
            // Signed before the code was taken.
            entry.until = before + 4 * 3600;
            entry.approved = true;
        }
    }
    // A code's own Event comes before that of its Approval.
    (allowed, answer.0 == 200, if approve { 2 } else { 1 })
}

async fn withdraw(
    w: &World,
    person: &Account,
    who: usize,
    id: &Digest,
    model: &mut BTreeMap<Digest, Model>,
) -> Outcome {
    let entry = model.get_mut(id).expect("picked");
    let allowed = ["waiting", "approved"].contains(&entry.state) && entry.asked_by == who;
    let happened = w.withdraw(person, id).await.0 == 200;
    if happened {
        entry.state = "withdrawn";
    }
    (allowed, happened, 1)
}

async fn tell(w: &World, id: &Digest, model: &mut BTreeMap<Digest, Model>, opened: bool) -> Outcome {
    let entry = model.get_mut(id).expect("picked");
    let session = sha256(id.as_str());
    let ends_at = w.broker.now() + 600;
    let change = if opened {
        json!({"kind": "opened", "request": id, "session": session, "ends_at": ends_at})
    } else {
        json!({"kind": "ended", "request": id, "session": session, "reason": "expired"})
    };
    let allowed = match entry.state {
        "approved" | "open" => true,
        "ended" => !opened,
        // The gateway had opened it meanwhile.
        "withdrawn" | "expired" => !opened && entry.approved,
        _ => false,
    };
    let (happened, before) = (w.as_gateway("/v1/session-changes", change).await.0 == 204, entry.told);
    // A refusal has an entry each time; what is followed has one, however often it is told, and none when it had ended.
    entry.told = if happened { Some(opened) } else { before };
    let logged = usize::from(!happened || (before != entry.told && entry.state != "ended"));
    if happened && entry.state == "approved" && opened {
        entry.until = ends_at;
    }
    if happened && !["withdrawn", "expired"].contains(&entry.state) {
        entry.state = if opened { "open" } else { "ended" };
    }
    (allowed, happened, logged)
}
