//! What runs, and what is seen over several Sessions of one person.

use super::*;

fn refused(exchange: u64) -> Captured {
    Captured::Refused { exchange, method: "GET".into(), path: "/x".into(), code: "other-organization".into() }
}

fn told(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn what_runs_is_looked_at_as_far_as_it_came() {
    let (one, _) = (0..).map(|n: u64| (Draw::of(&n.to_string()), n)).find(|(d, _)| d.is_one_in(20)).expect("some");
    let context = Context { draw: Some(one), ended: String::new(), ..context() };
    let mut contents = vec![refused(1), refused(2)];
    let so_far = |contents: Vec<Captured>| watch(&context, contents).so_far(60, 0);
    assert_eq!(so_far(contents.clone()), []);
    contents.push(refused(3));
    assert_eq!(so_far(contents.clone())[0].sentence, "3 requests were refused.");
    contents.extend(
        exchange("GET", "/people", 200, JSON, &list(200)).into_iter().filter(|c| !matches!(c, Captured::Done { .. })),
    );
    assert_eq!(told(&so_far(contents)), ["refused-attempts"], "an answer that still comes is none yet");
    let mut watch = watch(&context, exchange("GET", "/people", 200, JSON, &list(200)));
    assert_eq!(told(&watch.so_far(60, 0)), ["bulk-read"]);
    assert_eq!(told(&watch.so_far(3_600, 1)), ["bulk-read", "extended"]);
    // Nothing that was found on the way is found twice.
    assert_eq!(watch.done().findings.iter().map(|f| f.times).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn answers_for_which_there_is_no_room_are_not_read() {
    let rules = Arc::new(Rules::compiled_in().expect("rules"));
    let room = Room::of(1_000);
    let look = |records: usize| {
        let mut watch = Watch::new(rules.clone(), context(), room.clone());
        frames(exchange("GET", "/people", 200, JSON, &list(records))).iter().for_each(|frame| watch.see(frame));
        told(&watch.done().findings).join(" ")
    };
    assert_eq!(look(2_000), "");
    assert_eq!(look(210), "bulk-read", "room was given back");
    assert_eq!((look(210).as_str(), look(210).as_str()), ("bulk-read", "bulk-read"));
}

#[test]
fn what_is_usual_is_what_the_same_reason_usually_takes() {
    let many = (0..100).map(|exchange| request(exchange, "GET", "/")).collect::<Vec<_>>();
    let other = |exchanges| Earlier { reason: Some(ReasonCategory::Maintenance), ..earlier(40, exchanges) };
    let of = |earlier: Vec<Earlier>| found(&Context { earlier, ..context() }, many.clone());
    // A person who does much for maintenance still does much now.
    let mixed = |same: usize| [vec![other(100); 20 - same], vec![earlier(40, 20); same]].concat();
    assert_eq!(of(mixed(5))[0].sentence, "100 exchanges; this person's Sessions for this reason usually have 20.");
    assert_eq!(of(mixed(4)), []);
    let any = vec![other(10); 9];
    assert_eq!(of(any)[0].sentence, "100 exchanges; this person's Sessions for any reason usually have 10.");
}

#[test]
fn much_that_is_spread_over_the_sessions_of_a_day() {
    let usual: Vec<Earlier> = (2..7).map(|days| earlier(days, 30)).collect();
    let some = |n: u64| (0..n).map(|exchange| request(exchange, "GET", "/")).collect::<Vec<_>>();
    let of = |today: Vec<Earlier>, now: u64| {
        found(&Context { earlier: [today, usual.clone()].concat(), ..context() }, some(now))
    };
    assert_eq!(told(&of(vec![earlier(0, 150)], 49)), Vec::<&str>::new());
    let day = of(vec![earlier(0, 90), earlier(0, 61)], 49);
    assert_eq!(told(&day), ["unusual-day"]);
    let words = "200 exchanges in 3 Sessions of this person within 24 hours; such a day usually has 30.";
    assert_eq!(day[0].sentence, words);
    // The day before is no part of this one.
    assert_eq!(told(&of(vec![earlier(1, 900)], 60)), Vec::<&str>::new());
}

#[test]
fn attempts_that_are_spread_over_the_sessions_of_a_day() {
    let before = |refused, days| Earlier { refused, ..earlier(days, 5) };
    let of = |earlier, now: u64| found(&Context { earlier, ..context() }, (0..now).map(refused).collect());
    let again = of(vec![before(2, 0), before(1, 0)], 1);
    assert_eq!(told(&again), ["refused-again"]);
    assert_eq!(again[0].sentence, "4 requests were refused in 3 Sessions of this person within 24 hours.");
    assert_eq!(told(&of(vec![before(2, 0)], 1)), Vec::<&str>::new());
    assert_eq!(told(&of(vec![before(9, 1)], 1)), Vec::<&str>::new(), "the day before");
    assert_eq!(told(&of(vec![before(9, 0)], 0)), Vec::<&str>::new(), "none of it here");
}

#[test]
fn many_organizations_within_a_day() {
    let on = |n: u64, days| Earlier { organization: format!("o-{n}").parse().expect("an id"), ..earlier(days, 1) };
    let of = |earlier| found(&Context { earlier, ..context() }, Vec::new());
    let many = of((1..7).map(|n| on(n, 0)).collect());
    assert_eq!(told(&many), ["many-organizations"]);
    assert_eq!(many[0].sentence, "6 Organizations within 24 hours, in 7 Sessions of this person.");
    assert_eq!(told(&of((1..6).map(|n| on(n, 0)).collect())), Vec::<&str>::new());
    assert_eq!(told(&of((1..9).map(|n| on(n, 1)).collect())), Vec::<&str>::new(), "the day before");
}
