use desktop::view::{AppState, DoorView, OrganizationView};

use super::{Line, lines};

const NOW: i64 = 1_764_000_000;

fn state(step: &str, verdict: &str, audit: &str) -> AppState {
    serde_json::from_value(serde_json::json!({
        "profile": "default", "step": step, "operator": "", "logKey": "", "person": null, "device": null,
        "status": {
            "broker": "connected", "audit": audit, "gateway": "connected", "keyring": "", "sessionsRecording": 0,
            "log": {
                "verdict": verdict, "size": 1, "root": "", "words": [], "checkedAt": null, "detail": "",
                "checkpoints": [], "witnesses": [],
            },
        },
        "clockOffsetMs": 0, "policy": { "digest": "", "rules": [] },
    }))
    .expect("a state")
}

fn door(name: &str, left_seconds: i64, paused: bool, ended_by: &str) -> DoorView {
    DoorView {
        request: "r".into(),
        session: name.to_lowercase(),
        organization: OrganizationView { id: name.to_lowercase(), name: name.into() },
        scope: "read".into(),
        reason: String::new(),
        ticket: String::new(),
        opened_at: 0,
        ends_at: u32::try_from(NOW + left_seconds).expect("a time"),
        address: String::new(),
        recording_lag_ms: 0,
        paused,
        page_stopped: false,
        ended_by: ended_by.into(),
        ended_for: None,
        watchers: Vec::new(),
        more: None,
    }
}

fn told(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| format!("{}|{}", line.id, line.text)).collect()
}

#[test]
fn the_menu_says_what_is_open_and_what_waits() {
    let doors = [
        door("Delmar", 61, false, ""),
        door("Kinloch", 3_700, false, ""),
        door("Ferrous", 60, true, ""),
        door("Cobalt", 60, false, "expired"),
    ];
    let shown = told(&lines(&state("ready", "intact", "connected"), &doors, 2, false, NOW));
    assert_eq!(
        shown,
        [
            "|Log intact, audit connected",
            "|",
            "session:delmar|Delmar, 2 min left",
            "session:kinloch|Kinloch, 62 min left",
            "session:ferrous|Ferrous, paused",
            "|",
            "page:request|Request access",
            "page:approvals|Approvals (2)",
            "bell|Pause notifications for 1 hour",
            "open|Open Countersign",
            "quit|Quit and end my sessions",
        ]
    );
}

#[test]
fn trouble_is_the_first_line() {
    let first = |step, verdict, audit| lines(&state(step, verdict, audit), &[], 0, false, NOW)[0].text.clone();
    assert_eq!(first("ready", "broken", "connected"), "The log does not match");
    assert_eq!(first("ready", "intact", "unknown"), "Log intact");
    assert_eq!(first("ready", "intact", "unreachable"), "Audit service unreachable");
    assert_eq!(first("sign-in", "waiting", "unknown"), "Not signed in");
    let idle = told(&lines(&state("sign-in", "waiting", "unknown"), &[], 0, false, NOW));
    assert_eq!(
        idle,
        ["|Not signed in", "|", "bell|Pause notifications for 1 hour", "open|Open Countersign", "quit|Quit"]
    );
    let quiet = told(&lines(&state("ready", "intact", "connected"), &[], 0, true, NOW));
    assert!(quiet.contains(&"bell|Notifications are paused. Go on".to_owned()), "{quiet:?}");
}
