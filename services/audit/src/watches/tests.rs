use statement::sha256;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn session(name: &str) -> SessionId {
    sha256(name).into()
}

fn ines() -> PersonId {
    PersonId("p-ines".into())
}

fn watch(watches: &Watches, entry: u64, of: &SessionId, now: Instant) {
    watches.add(entry, NewWatch { session: of.clone(), person: ines(), name: "Ines".into(), since: 7 }, now);
}

#[test]
fn a_watch_gives_nothing_before_its_gateway_was_told_of_exactly_it() {
    let (began, of) = (Instant::now(), session("one"));
    let (watches, now) = (Watches::begin(began), began + 60 * SECOND);
    watches.tell(vec![of.clone()], now);
    watch(&watches, 1, &of, now);
    assert!(!watches.may_see(1, now), "told of nobody");
    watches.tell(vec![session("another")], now);
    assert!(!watches.may_see(1, now), "another Session");
    assert_eq!(watches.tell(vec![of.clone()], now).sessions[0].watchers, [Watcher { name: "Ines".into(), since: 7 }]);
    assert!(watches.may_see(1, now));
    watch(&watches, 2, &of, now);
    assert!(!watches.may_see(2, now), "each is told by itself");
    assert!(!watches.may_see(3, now), "none at all");
}

#[test]
fn a_session_that_no_gateway_has_named_for_ten_seconds_has_nobody_inside() {
    let (began, of) = (Instant::now(), session("one"));
    let watches = Watches::begin(began);
    watch(&watches, 1, &of, began);
    assert!(!watches.may_see(1, began), "just started: a gateway may have it open");
    for second in 1..10 {
        let asked = watches.ask(1, &of, &ines(), began + second * SECOND);
        assert!(asked.is_ok() && !watches.may_see(1, began + second * SECOND));
    }
    let now = began + 10 * SECOND;
    assert!(watches.may_see(1, now));
    watches.tell(vec![of.clone()], now);
    watch(&watches, 3, &of, now + SECOND);
    assert!(watches.is_inside(&of, now + SECOND) && !watches.may_see(3, now + SECOND));
    assert!(watches.is_inside(&of, now + 9 * SECOND));
    assert!(!watches.is_inside(&of, now + 10 * SECOND));
}

#[test]
fn whoever_falls_silent_watches_no_more() {
    let (now, of) = (Instant::now(), session("one"));
    let watches = Watches::begin(now);
    watch(&watches, 1, &of, now);
    assert!(watches.ask(1, &of, &ines(), now + 4 * SECOND).is_ok());
    assert_eq!(watches.tell(vec![of.clone()], now + 8 * SECOND).sessions.len(), 1);
    let later = now + 9 * SECOND;
    assert!(watches.ask(1, &of, &ines(), later).is_err());
    assert!(watches.tell(vec![of], later).sessions.is_empty() && !watches.may_see(1, later));
}

#[test]
fn a_watch_goes_on_for_its_watcher_alone() {
    let (now, of) = (Instant::now(), session("one"));
    let watches = Watches::begin(now);
    watch(&watches, 1, &of, now);
    for (entry, of, person) in [(1, &of, "p-leila"), (1, &session("another"), "p-ines"), (2, &of, "p-ines")] {
        assert!(watches.ask(entry, of, &PersonId(person.into()), now).is_err());
    }
}
