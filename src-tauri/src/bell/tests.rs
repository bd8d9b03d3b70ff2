mod reveals;

use desktop::view::{AppState, DoorView, OrganizationView, RequestView};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{
    Kept, PAUSE_SECONDS, REST_SECONDS,
    quiet::QuietHours,
    wanted::{Kind, Notifications},
    words::{Told, of_break_glass, of_door, of_request, of_state},
};

const NOW: i64 = 1_764_000_000;
const OFF: QuietHours = QuietHours { from: 0, until: 0 };
const ALL: Notifications = Notifications { waits: true, decided: true, ends_soon: true, ended: true, quiet: OFF };
/// What no screen shows to whoever stands beside it.
const SECRETS: [&str; 6] = ["Delmar", "delmar", "KP-48213", "payroll", "419877", "DELMAR"];

fn request(state: &str, mine: bool, extends: bool) -> RequestView {
    let signature = |name: &str, verdict: &str| {
        json!({
            "name": name, "person": "p", "at": 0, "keyShort": "419877", "check": "checks-out", "verdict": verdict,
            "comment": "the payroll run", "refusal": "",
        })
    };
    let more = json!({ "session": "s", "request": "r", "openedAt": 0, "endsAt": 0, "moreSeconds": 900 });
    serde_json::from_value(json!({
        "id": "fcM_IVze-Y69", "state": state, "organization": { "id": "delmar-foods", "name": "Delmar Foods" },
        "scope": "read-write", "reason": "customer-reported-problem", "ticket": "KP-48213",
        "justification": "payroll run of DELMAR", "durationSeconds": 3600, "mine": mine, "decidable": !mine, "until": 0,
        "left": signature("Mara Lindqvist", ""), "right": [signature("Tomasz Wieczorek", "approve")], "signals": [],
        "session": null, "sessionEndsAt": null, "endedBy": null, "openHere": false,
        "extends": if extends { more } else { json!(null) },
    }))
    .expect("a request")
}

fn door(left_seconds: i64, ended_by: &str) -> DoorView {
    DoorView {
        request: "r".into(),
        session: "s".into(),
        organization: OrganizationView { id: "delmar-foods".into(), name: "Delmar Foods".into() },
        scope: "read".into(),
        reason: "customer-reported-problem".into(),
        ticket: "KP-48213".into(),
        opened_at: 0,
        ends_at: u32::try_from(NOW + left_seconds).expect("a time"),
        address: "https://payroll.test/".into(),
        recording_lag_ms: 0,
        paused: false,
        page_stopped: false,
        ended_by: ended_by.into(),
        ended_for: None,
        watchers: Vec::new(),
        more: None,
    }
}

fn broken(verdict: &str) -> Vec<Told> {
    let state: AppState = serde_json::from_value(json!({
        "profile": "default", "step": "ready", "operator": "", "logKey": "", "person": null, "device": null,
        "status": {
            "broker": "connected", "audit": "connected", "gateway": "connected", "keyring": "", "sessionsRecording": 0,
            "log": {
                "verdict": verdict, "size": 1, "root": "419877", "words": [], "checkedAt": null, "detail": "Delmar",
                "checkpoints": [], "witnesses": [],
            },
        },
        "clockOffsetMs": 0, "policy": { "digest": "", "rules": [] },
    }))
    .expect("a state");
    of_state(&state)
}

fn line(told: Option<Told>) -> String {
    told.map_or("nothing".into(), |told| format!("{} | {} | {}", told.title, told.body, told.page))
}

#[test]
fn who_looks_elsewhere_is_told_what_waits_and_what_became_of_it() {
    for (state, mine, extends, wanted) in [
        (
            "waiting",
            false,
            false,
            "Mara Lindqvist needs a second signature | Read & write, 1 h in all. Read it before you sign. | \
             approvals/fcM_IVze-Y69?code",
        ),
        (
            "waiting",
            false,
            true,
            "Mara Lindqvist needs a second signature | More time in an open session, 1 h in all. Read it before you \
             sign. | approvals/fcM_IVze-Y69?code",
        ),
        (
            "approved",
            true,
            false,
            "You can open your session | Tomasz Wieczorek countersigned. 1 h from when you open it. | access",
        ),
        (
            "denied",
            true,
            false,
            "Your request was denied | Tomasz Wieczorek says why on the request's page. | approvals/fcM_IVze-Y69",
        ),
        (
            "expired",
            true,
            false,
            "Your request has expired | Nobody countersigned it in time. You can ask again. | access",
        ),
        ("waiting", true, false, "nothing"),
        ("approved", false, false, "nothing"),
        ("approved", true, true, "nothing"),
        ("withdrawn", false, false, "nothing"),
    ] {
        assert_eq!(line(of_request(&request(state, mine, extends))), wanted, "{state} {mine} {extends}");
    }
}

#[test]
fn nobody_is_named_whose_signature_does_not_match() {
    let mut asked = request("waiting", false, false);
    asked.left.check = desktop::view::SignatureCheck::DoesNotMatch;
    assert!(line(of_request(&asked)).starts_with("Somebody needs"), "{}", line(of_request(&asked)));
    let mut asked = request("waiting", false, false);
    asked.left.name = format!("Mara\n\u{7}{}", "a".repeat(500));
    let title = of_request(&asked).expect("it is told").title;
    assert!(title.starts_with("Maraaa") && title.len() < 100, "{title}");
}

#[test]
fn a_session_that_ends_is_told_of_before_and_after() {
    assert_eq!(of_door(&door(301, ""), NOW), None);
    let soon = line(of_door(&door(300, ""), NOW));
    assert_eq!(soon, "5 min left in your session | Finish what you do, or ask for more time in its bar. | access");
    assert_eq!(of_door(&door(0, ""), NOW), None);
    assert_eq!(of_door(&door(60, "ended-by-requester"), NOW), None);
    for (by, says) in [
        ("expired", "Its time is up."),
        ("revoked", "It was revoked. Open Countersign to read by whom."),
        ("recording-failed", "It could no longer be recorded, so the door is shut."),
        ("connection-lost", "The connection to the gateway was lost."),
        ("gateway-stopped", "The gateway ended it."),
    ] {
        assert_eq!(line(of_door(&door(60, by), NOW)), format!("Your session has ended | {says} | access"));
    }
    assert!(broken("intact").is_empty() && broken("waiting").is_empty());
    assert!(broken("broken")[0].urgent);
}

#[test]
fn x_09_nothing_of_a_customer_is_on_a_screen_that_others_see() {
    let mut all = broken("broken");
    for state in ["waiting", "approved", "denied", "expired", "withdrawn", "open", "ended"] {
        for (mine, extends) in [(false, false), (false, true), (true, false), (true, true)] {
            all.extend(of_request(&request(state, mine, extends)));
        }
    }
    for by in ["", "expired", "revoked", "recording-failed", "lease-lost", "connection-lost", "gateway-stopped"] {
        all.extend(of_door(&door(120, by), NOW));
    }
    all.push(of_break_glass("Mara Lindqvist opened Delmar Foods by break-glass."));
    all.extend(reveals::of_every_kind());
    assert!(all.len() > 15, "{all:?}");
    for told in &all {
        for secret in SECRETS {
            let said = format!("{} {} {}", told.title, told.body, told.page);
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
}

#[test]
fn one_thing_is_said_once_in_five_minutes_and_a_pause_keeps_all_but_alarm() {
    let mut kept = Kept::default();
    let asked = of_request(&request("waiting", false, false)).expect("it is told");
    let ended = of_door(&door(60, "expired"), NOW).expect("it is told");
    assert!(kept.says(&asked, ALL, NOW) && kept.says(&ended, ALL, NOW));
    assert!(!kept.says(&asked, ALL, NOW + REST_SECONDS - 1));
    assert!(kept.says(&asked, ALL, NOW + REST_SECONDS));
    kept.quiet_until = NOW + PAUSE_SECONDS;
    let soon = of_door(&door(120, ""), NOW).expect("it is told");
    assert!(!kept.says(&soon, ALL, NOW + REST_SECONDS + 1), "a pause");
    assert!(kept.says(&broken("broken")[0], ALL, NOW + REST_SECONDS + 1), "the log does not match");
    assert!(kept.says(&asked, ALL, NOW + PAUSE_SECONDS), "the pause is over");
    assert!(!kept.says(&ended, ALL, NOW + PAUSE_SECONDS), "an end is said once, however often it is looked at");
}

#[test]
fn whoever_signs_in_behind_somebody_else_is_told_what_waits() {
    let all: Vec<Told> = of_request(&request("waiting", false, false)).into_iter().chain(broken("broken")).collect();
    let mut kept = Kept::default();
    let mut hears = |person: &str| {
        kept.is_for(person);
        all.iter().filter(|told| kept.says(told, ALL, NOW)).count()
    };
    assert_eq!((hears(""), hears("tomasz"), hears("tomasz"), hears("ines"), hears("ines")), (2, 0, 0, 2, 0));
}

#[test]
fn what_nobody_wants_is_not_said_and_alarms_are_no_choice() {
    const NONE: Notifications =
        Notifications { waits: false, decided: false, ends_soon: false, ended: false, quiet: OFF };
    let said = |wanted: Notifications| -> Vec<Kind> {
        let (mut kept, mut all) = (Kept::default(), broken("broken"));
        kept.quiet_until = NOW - 1;
        all.extend(of_request(&request("waiting", false, false)));
        all.extend(of_request(&request("approved", true, false)));
        all.extend(of_request(&request("denied", true, false)));
        all.extend(of_door(&door(120, ""), NOW));
        all.extend(of_door(&door(120, "revoked"), NOW));
        all.push(of_break_glass("Mara opened Delmar Foods by break-glass."));
        all.iter().filter(|told| kept.says(told, wanted, NOW)).map(|told| told.kind).collect()
    };
    let alarms = [Kind::LogBroken, Kind::BreakGlass];
    assert_eq!(said(NONE), alarms);
    assert_eq!(said(ALL).len(), 7);
    for (wanted, also) in [
        (Notifications { waits: true, ..NONE }, vec![Kind::Waits]),
        (Notifications { decided: true, ..NONE }, vec![Kind::Decided, Kind::Decided]),
        (Notifications { ends_soon: true, ..NONE }, vec![Kind::EndsSoon]),
        (Notifications { ended: true, ..NONE }, vec![Kind::Ended]),
    ] {
        let mut heard = said(wanted);
        heard.retain(|kind| !alarms.contains(kind));
        assert_eq!(heard, also);
    }
}

#[test]
fn what_is_said_in_a_pause_and_in_quiet_hours_is_what_nobody_can_turn_off() {
    const NONE: Notifications =
        Notifications { waits: false, decided: false, ends_soon: false, ended: false, quiet: OFF };
    let mut all = broken("broken");
    all.extend(
        [of_request(&request("waiting", false, false)), of_request(&request("denied", true, false))]
            .into_iter()
            .flatten(),
    );
    all.extend([of_door(&door(120, ""), NOW), of_door(&door(120, "revoked"), NOW)].into_iter().flatten());
    all.push(of_break_glass("Mara opened Delmar Foods by break-glass."));
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|told| told.urgent == NONE.want(told.kind)), "{all:?}");
}

#[test]
fn in_quiet_hours_an_alarm_is_heard_and_the_rest_when_they_are_over() {
    let mut kept = Kept::default();
    let minute = u16::try_from(NOW % 86_400 / 60).expect("a minute of the day");
    let wanted = Notifications { quiet: QuietHours { from: minute, until: minute + 60 }, ..ALL };
    let mut all = broken("broken");
    all.extend(of_door(&door(60, "expired"), NOW));
    let mut heard = |now| -> Vec<Kind> {
        kept.heard(all.clone(), wanted, now, &TimeZone::UTC).iter().map(|told| told.kind).collect()
    };
    assert_eq!(heard(NOW), [Kind::LogBroken]);
    assert_eq!(heard(NOW + 3599), [], "an alarm is said once");
    assert_eq!(heard(NOW + 3600), [Kind::Ended]);
    assert_eq!(heard(NOW + 3600), [], "and so is what was held back");
}

#[test]
fn what_was_not_wanted_is_not_made_up_for_and_break_glass_is_said_once_and_in_a_pause() {
    let mut kept = Kept::default();
    let ended = of_door(&door(60, "expired"), NOW).expect("it is told");
    assert!(!kept.says(&ended, Notifications { ended: false, ..ALL }, NOW));
    assert!(!kept.says(&ended, ALL, NOW + REST_SECONDS), "it is an old thing by now");
    kept.quiet_until = NOW + PAUSE_SECONDS;
    let [mara, rui] = ["Mara opened Delmar Foods by break-glass.", "Rui opened Delmar Foods by break-glass."];
    assert!(kept.says(&of_break_glass(mara), ALL, NOW), "an alarm");
    assert!(!kept.says(&of_break_glass(mara), ALL, NOW + PAUSE_SECONDS), "of one use once");
    assert!(kept.says(&of_break_glass(rui), ALL, NOW), "another use is another alarm");
}
