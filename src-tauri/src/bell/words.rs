//! What is said. A screen is seen by others: no Organization, no ticket and nothing of a justification is in it.

use desktop::view::{AppState, DoorView, LogVerdict, RequestView, RevealView, SignatureCheck, SignatureView};

use super::wanted::Kind;
use crate::lasting;

const ENDS_SOON_SECONDS: i64 = 5 * 60;
const LONGEST_NAME: usize = 60;

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub kind: Kind,
    /// What it is about: of one thing only one is said at a time.
    pub about: String,
    pub title: String,
    pub body: String,
    /// Where choosing it leads.
    pub page: String,
    /// Looked at again and again, and said at the first look.
    pub once: bool,
    /// The list that it stands in, where the main window counts it: whoever looks there has seen it, and of all that stand in one
    /// list, too, no second one comes sooner.
    pub list: Option<&'static str>,
    /// Stays until somebody looks, and is said in a pause too.
    pub urgent: bool,
}

fn told(kind: Kind, about: String, title: String, body: String, page: &str) -> Told {
    Told { kind, about, title, body, page: page.to_owned(), once: false, list: None, urgent: false }
}

/// What a person should know of a request, as it was verified here.
pub(super) fn of_request(request: &RequestView) -> Option<Told> {
    let about = format!("request {} {}", request.id, request.state);
    let asker = name(Some(&request.left));
    let signed = name(request.right.iter().rev().find(|one| one.check == SignatureCheck::ChecksOut));
    let time = lasting::said(i64::from(request.duration_seconds) / 60);
    match (request.mine, request.state.as_str(), request.extends.is_some()) {
        (false, "waiting", more) if request.decidable => {
            let what = if more { "More time in an open session".to_owned() } else { scope(&request.scope).to_owned() };
            let body = format!("{what}, {time} in all. Read it before you sign.");
            // The field for the code has the focus there. It holds nothing, and nothing is sent.
            let page = format!("approvals/{}?code", request.id);
            Some(told(Kind::Waits, about, format!("{asker} needs a second signature"), body, &page))
        }
        (true, "approved", false) => {
            let body = format!("{signed} countersigned. {time} from when you open it.");
            Some(told(Kind::Decided, about, "You can open your session".into(), body, "access"))
        }
        (true, "denied", more) => {
            let what = if more { "More time was denied" } else { "Your request was denied" };
            let page = format!("approvals/{}", request.id);
            Some(told(Kind::Decided, about, what.into(), format!("{signed} says why on the request's page."), &page))
        }
        (true, "expired", _) => {
            let body = "Nobody countersigned it in time. You can ask again.".into();
            Some(told(Kind::Decided, about, "Your request has expired".into(), body, "access"))
        }
        _ => None,
    }
}

/// Marks that wait for this person, or that can be read here by now. How many they are is said, and nothing of what they hide.
pub(super) fn of_reveals(known: &[RevealView], now: i64) -> Vec<Told> {
    known.iter().filter_map(|one| of_reveal(one, now)).collect()
}

fn of_reveal(one: &RevealView, now: i64) -> Option<Told> {
    let count = match one.marks.len() {
        1 => "A mark in a recording is".to_owned(),
        more => format!("{more} marks in a recording are"),
    };
    let signed = |at: usize| short(one.by.get(at).map_or("", String::as_str));
    let listed = |told: Told, list| Some(Told { once: true, list: Some(list), ..told });
    let left = one.readable_until.map_or(0, i64::from) - now;
    if one.may_sign && now < i64::from(one.until) {
        let body = format!("{count} to be opened. Read whose session it was, and why, before you sign.");
        let title = format!("{} needs a second signature", signed(0));
        return listed(told(Kind::Waits, format!("to-open {}", one.id), title, body, "approvals"), "to-open");
    }
    if one.is_own && left > 0 {
        let minutes = (left + 59) / 60;
        let body = format!("{} countersigned; the values can be read for {minutes} min, on this computer.", signed(1));
        // Not its replay: looking at a Recording leaves an entry, and choosing this must not do that.
        let page = format!("sessions/{}", one.session);
        return listed(
            told(Kind::Decided, format!("opened {}", one.id), format!("{count} open to you"), body, &page),
            "opened",
        );
    }
    None
}

/// What becomes of an open Session.
pub(super) fn of_door(door: &DoorView, now: i64) -> Option<Told> {
    let session = &door.session;
    match door.ended_by.as_str() {
        "" => {
            let left = i64::from(door.ends_at) - now;
            let soon = (1..=ENDS_SOON_SECONDS).contains(&left);
            let about = format!("ends {session} {}", door.ends_at);
            let body = "Finish what you do, or ask for more time in its bar.".into();
            let title = format!("{} min left in your session", (left + 59) / 60);
            soon.then(|| Told { once: true, ..told(Kind::EndsSoon, about, title, body, "access") })
        }
        "ended-by-requester" => None,
        ended => {
            let body = match ended {
                "expired" => "Its time is up.",
                "revoked" => "It was revoked. Open Countersign to read by whom.",
                "recording-failed" | "lease-lost" => "It could no longer be recorded, so the door is shut.",
                "connection-lost" => "The connection to the gateway was lost.",
                _ => "The gateway ended it.",
            };
            let about = format!("ended {session}");
            Some(Told {
                once: true,
                ..told(Kind::Ended, about, "Your session has ended".into(), body.into(), "access")
            })
        }
    }
}

/// That an Organization was opened with nobody's second signature. `what` names it and is not shown: it tells one from another.
pub(super) fn of_break_glass(what: &str) -> Told {
    let body = "Somebody opened an Organization that nobody countersigned. Read who, and why.".into();
    let told = told(Kind::BreakGlass, format!("break-glass {what}"), "Break-glass was used".into(), body, "sessions");
    Told { once: true, urgent: true, ..told }
}

/// What is wrong with everything.
pub(super) fn of_state(state: &AppState) -> Vec<Told> {
    if state.status.log.verdict != LogVerdict::Broken {
        return Vec::new();
    }
    let body = "Nothing opens any more. Do not sign anything, and call security.".into();
    vec![Told {
        once: true,
        urgent: true,
        ..told(Kind::LogBroken, "log".into(), "The log does not match".into(), body, "log")
    }]
}

/// As it was signed, when the signature checks out.
fn name(signature: Option<&SignatureView>) -> String {
    let checked = signature.filter(|one| one.check == SignatureCheck::ChecksOut);
    short(checked.map_or("", |one| one.name.as_str()))
}

fn short(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_control()).collect();
    let short: String = plain.trim().chars().take(LONGEST_NAME).collect();
    if short.is_empty() { "Somebody".into() } else { short }
}

fn scope(scope: &str) -> &str {
    match scope {
        "diagnostics" => "Diagnostics",
        "read" => "Read",
        "read-write" => "Read & write",
        "administer" => "Administer",
        _ => "Access",
    }
}
