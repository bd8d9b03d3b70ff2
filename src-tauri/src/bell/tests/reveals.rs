//! Marks to open: whoever may sign second is called, and whoever asked hears that they can read.

use desktop::view::RevealView;

use super::*;
use crate::bell::words::of_reveals;

fn reveal(id: &str, marks: usize, change: impl FnOnce(&mut RevealView)) -> RevealView {
    let mut view = RevealView {
        id: id.into(),
        session: "wJ9".into(),
        whose: "Rui Delmar".into(),
        organization: OrganizationView { id: "delmar-foods".into(), name: "Delmar Foods".into() },
        marks: vec!["419877c2d0b4e6f8".into(); marks],
        by: vec!["Ines Carvalho".into()],
        justification: "KP-48213: the payroll run of DELMAR".into(),
        at: 0,
        until: u32::try_from(NOW + 3600).expect("a time"),
        readable_until: None,
        is_own: false,
        may_sign: false,
        signer_saw: None,
    };
    change(&mut view);
    view
}

fn waits(id: &str) -> RevealView {
    reveal(id, 2, |view| view.may_sign = true)
}

/// Asked for from here, and signed by two.
fn opened(id: &str, left_seconds: i64) -> RevealView {
    reveal(id, 1, |view| {
        view.is_own = true;
        view.by.push("Tomasz Wieczorek".into());
        view.readable_until = u32::try_from(NOW + left_seconds).ok();
    })
}

fn one(view: RevealView) -> Told {
    of_reveals(&[view], NOW).pop().expect("it is told")
}

pub(super) fn of_every_kind() -> Vec<Told> {
    let known = [waits("a"), reveal("b", 1, |view| view.may_sign = true), opened("c", 900)];
    let all = of_reveals(&known, NOW);
    assert_eq!(all.len(), known.len());
    all
}

#[test]
fn the_second_person_is_called_and_the_first_hears_that_it_is_open() {
    for (view, wanted) in [
        (
            waits("a"),
            "Ines Carvalho needs a second signature | 2 marks in a recording are to be opened. Read whose session it was, \
             and why, before you sign. | approvals",
        ),
        (
            opened("a", 900),
            "A mark in a recording is open to you | Tomasz Wieczorek countersigned; the values can be read for 15 min, on \
             this computer. | sessions/wJ9",
        ),
        (
            opened("a", 61),
            "A mark in a recording is open to you | Tomasz Wieczorek countersigned; the values can be read for 2 min, on \
             this computer. | sessions/wJ9",
        ),
        (reveal("a", 1, |_| ()), "nothing"),
        (reveal("a", 1, |view| view.is_own = true), "nothing"),
        (reveal("a", 1, |view| (view.may_sign, view.until) = (true, u32::try_from(NOW).expect("a time"))), "nothing"),
        (opened("a", 0), "nothing"),
        (RevealView { is_own: false, ..opened("a", 900) }, "nothing"),
        (RevealView { signer_saw: Some("another-log".into()), ..reveal("a", 1, |_| ()) }, "nothing"),
    ] {
        assert_eq!(line(of_reveals(std::slice::from_ref(&view), NOW).pop()), wanted, "{view:?}");
    }
    let long =
        one(reveal("a", 1, |view| (view.may_sign, view.by) = (true, vec![format!("Ines\n{}", "a".repeat(500))])));
    assert!(long.title.starts_with("Inesaaa") && long.title.len() < 100, "{}", long.title);
}

#[test]
fn one_proposal_is_said_once_and_of_several_no_second_one_within_five_minutes() {
    let mut kept = Kept::default();
    let known = [waits("a"), waits("b"), opened("c", 3600), opened("d", 3600)];
    let mut heard = |now| -> Vec<String> {
        let all = of_reveals(&known, now);
        kept.heard(all, ALL, now, &TimeZone::UTC).into_iter().map(|told| told.about).collect()
    };
    assert_eq!(heard(NOW), ["to-open a", "opened c"]);
    assert_eq!(heard(NOW + REST_SECONDS - 1), [""; 0], "they rest");
    assert_eq!(heard(NOW + REST_SECONDS), ["to-open b", "opened d"]);
    assert_eq!(heard(NOW + 3 * REST_SECONDS), [""; 0], "each was said");
}

#[test]
fn what_stands_in_the_main_window_that_is_looked_at_is_not_said_later() {
    let mut kept = Kept::default();
    let mut all = broken("broken");
    all.push(one(waits("a")));
    kept.seen(&all);
    all.push(one(waits("b")));
    let said: Vec<_> = all.iter().filter(|told| kept.says(told, ALL, NOW)).map(|told| told.about.as_str()).collect();
    assert_eq!(said, ["log", "to-open b"], "an alarm is said all the same, and what came since");
}

#[test]
fn a_pause_quiet_hours_and_a_choice_hold_for_marks_too() {
    let all = [one(waits("a")), one(opened("b", 900))];
    let heard =
        |kept: &mut Kept, wanted: Notifications, now| kept.heard(all.to_vec(), wanted, now, &TimeZone::UTC).len();
    let mut kept = Kept { quiet_until: NOW + 60, ..Kept::default() };
    assert_eq!((heard(&mut kept, ALL, NOW), heard(&mut kept, ALL, NOW + 60)), (0, 2), "a pause, and after it");
    let minute = u16::try_from(NOW % 86_400 / 60).expect("a minute of the day");
    let quiet = Notifications { quiet: QuietHours { from: minute, until: minute + 1 }, ..ALL };
    let mut kept = Kept::default();
    assert_eq!(
        (heard(&mut kept, quiet, NOW), heard(&mut kept, quiet, NOW + 60)),
        (0, 2),
        "quiet hours, and after them"
    );
    for (wanted, said) in
        [(Notifications { waits: false, ..ALL }, Kind::Decided), (Notifications { decided: false, ..ALL }, Kind::Waits)]
    {
        let kinds: Vec<_> =
            Kept::default().heard(all.to_vec(), wanted, NOW, &TimeZone::UTC).iter().map(|told| told.kind).collect();
        assert_eq!(kinds, [said]);
    }
}
