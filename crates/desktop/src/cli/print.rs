use std::io::Write as _;

use domain::legible;
use serde::Serialize;
use wire::event::ANOTHER_LOG;

use crate::view::{
    AppState, EnrolledDeviceView, EnrolmentView, EntryView, LogView, OrganizationView, OwnDeviceView, RequestView,
    RevokedKeyView, SessionView, SignatureCheck, SignatureView, UiError, WitnessKind,
};

/// Writes answers for people or, with `--json`, for programs.
pub(super) struct Printer {
    json: bool,
}

impl Printer {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// The value for programs, or the text for people.
    pub(super) fn show<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) {
        let line = if self.json { serde_json::to_string(value).unwrap_or_default() } else { text() };
        let mut out = std::io::stdout().lock();
        // A reader that left does not change what was done.
        drop(writeln!(out, "{}", line.trim_end()));
        drop(out.flush());
    }

    pub(super) fn error(&self, error: &UiError) {
        let line = if self.json {
            serde_json::to_string(error).unwrap_or_default()
        } else {
            format!("countersign: {} ({})\n  {}", legible(&error.message), error.code, legible(&error.next))
        };
        drop(writeln!(std::io::stderr().lock(), "{line}"));
    }
}

/// What others wrote in more than one line: each further line begins with our mark, so that none looks like ours.
fn block(text: &str) -> String {
    text.lines().map(legible).collect::<Vec<_>>().join("\n    | ")
}

/// What is waited for, or why nobody signs it here.
pub(super) fn waits<'a>(signer_saw: Option<&str>, waits: &'a str) -> &'a str {
    match signer_saw {
        None => waits,
        Some(ANOTHER_LOG) => {
            "another-log: somebody who signed this was shown another log. Do not sign it, and tell security"
        }
        Some(_) => "not-compared: what its signers saw cannot be held to the log now. Nobody signs it here until it is",
    }
}

pub(super) fn time(at: u32) -> String {
    jiff::Timestamp::from_second(i64::from(at)).map(|t| t.to_string()).unwrap_or_default()
}

pub(super) fn state(state: &AppState) -> String {
    let person =
        state.person.as_ref().map_or("nobody".into(), |p| format!("{} ({}; {})", p.name, p.person, p.roles.join(", ")));
    let key = state.device.as_ref().map_or("none", |d| d.key.as_str());
    let revoked = state.revoked.as_ref().map_or(String::new(), revoked_key);
    format!(
        "Profile       {}\nOperator      {}\nSigned in     {}\nThis computer {}{revoked}\nNext          {}\nAudit log     {:?}, {} entries {}\n{}",
        state.profile,
        legible(&state.operator),
        legible(&person),
        key,
        crate::show::label(&state.step),
        state.status.log.verdict,
        state.status.log.size,
        legible(&state.status.log.detail),
        state.status.keyring
    )
}

/// Behind the key that it is about.
fn revoked_key(revoked: &RevokedKeyView) -> String {
    match &revoked.not_proven {
        None => format!(
            "\n              REVOKED by {} on {}: {}\n              Make another with `countersign key --new`.",
            legible(&revoked.by),
            time(revoked.at.unwrap_or_default()),
            legible(&revoked.reason)
        ),
        Some(error) => format!(
            "\n              The server says that it was revoked, which is not proven here: {}\n              {}",
            legible(&error.message),
            legible(&error.next)
        ),
    }
}

pub(super) fn log(log: &LogView) -> String {
    let mut text = format!("The log is intact: {} entries, {}.", log.size, log.words.join(" "));
    for witness in &log.witnesses {
        let who = match witness.kind {
            WitnessKind::Computer => format!("The computer {} of {}", witness.key_short, witness.name),
            WitnessKind::Outside if witness.pinned => format!("The witness {}", witness.name),
            WitnessKind::Outside => format!("{}, whose key is not pinned here,", witness.name),
        };
        let saw = witness.at.map_or_else(
            || "has signed nothing that holds here".into(),
            |at| format!("saw {} entries at {}", witness.size, time(at)),
        );
        text.push_str(&format!("\n  {} {saw}. {}", legible(&who), legible(&witness.trouble)));
    }
    if log.witnesses.is_empty() {
        text.push_str("\n  No other witness has confirmed it to this computer.");
    }
    text
}

pub(super) fn requests(requests: &[RequestView]) -> String {
    if requests.is_empty() {
        return "None.".into();
    }
    requests.iter().map(request).collect::<Vec<_>>().join("\n\n")
}

pub(super) fn request(view: &RequestView) -> String {
    let mut text = format!(
        "{}\n  {} ({}) · {} · {} · {} s · {} · until {}\n  {}: {}\n  asked    {}",
        legible(&view.id),
        legible(&view.organization.name),
        legible(&view.organization.id),
        view.scope,
        view.reason,
        view.duration_seconds,
        view.state,
        time(view.until),
        legible(&view.ticket),
        block(&view.justification),
        signature(&view.left)
    );
    if let Some(extends) = &view.extends {
        text.push_str(&format!(
            "\n  more     {} s more in the session {}, open since {}, {} s in all",
            extends.more_seconds,
            legible(&extends.session),
            time(extends.opened_at),
            view.duration_seconds
        ));
    }
    for right in &view.right {
        text.push_str(&format!("\n  {:<8} {} {}", right.verdict, signature(right), block(&right.comment)));
    }
    for signal in &view.signals {
        text.push_str(&format!("\n  {:<5} {} {}", signal.verdict, legible(&signal.title), legible(&signal.detail)));
    }
    text
}

fn signature(view: &SignatureView) -> String {
    let check = match view.check {
        SignatureCheck::ChecksOut => "signature checks out".to_owned(),
        SignatureCheck::DoesNotMatch => format!("DOES NOT MATCH: {}", legible(&view.refusal)),
    };
    format!("{} ({}) {} {check}", legible(&view.name), legible(&view.person), time(view.at))
}

pub(super) fn enrolments(list: &[EnrolmentView]) -> String {
    let line = |e: &EnrolmentView| {
        let check = if e.check == SignatureCheck::ChecksOut { "" } else { "  DOES NOT MATCH" };
        format!("{}  {}  {}{check}", legible(&e.person), legible(&e.device), legible(&e.name))
    };
    if list.is_empty() { "Nobody waits.".into() } else { list.iter().map(line).collect::<Vec<_>>().join("\n") }
}

pub(super) fn devices(list: &[EnrolledDeviceView]) -> String {
    let line = |d: &EnrolledDeviceView| {
        let revoked = if d.revoked { "  REVOKED" } else { "" };
        format!("{}  {}  {}  {}{revoked}", legible(&d.person), d.device, time(d.enrolled_at), legible(&d.name))
    };
    if list.is_empty() { "None.".into() } else { list.iter().map(line).collect::<Vec<_>>().join("\n") }
}

pub(super) fn own_devices(list: &[OwnDeviceView]) -> String {
    let line = |d: &OwnDeviceView| {
        let here = if d.here { "  this computer" } else { "" };
        let enrolled = d.enrolled_at.map(|at| format!("  enrolled {}", time(at))).unwrap_or_default();
        let signed_in = d.signed_in_at.map(|at| format!("  signed in {}", time(at))).unwrap_or_default();
        let waits = d.waits_until.map(|at| format!("  removes no other before {}", time(at))).unwrap_or_default();
        let check = if d.check == SignatureCheck::ChecksOut { "" } else { "  DOES NOT MATCH" };
        let revoked = if d.revoked { "  REVOKED" } else { "" };
        format!("{}{here}{enrolled}{signed_in}{waits}{check}{revoked}", d.device)
    };
    list.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn organizations(list: &[OrganizationView]) -> String {
    list.iter().map(|o| format!("{:<24} {}", legible(&o.id), legible(&o.name))).collect::<Vec<_>>().join("\n")
}

pub(super) fn sessions(list: &[SessionView]) -> String {
    let line = |s: &SessionView| {
        format!(
            "{}  {}  {} ({})  {}  {}  {} exchanges, {} refused  {}",
            s.id,
            time(s.opened_at),
            legible(&s.organization.name),
            legible(&s.organization.id),
            legible(&s.name),
            s.scope,
            s.exchanges,
            s.refused,
            s.ended_by.as_deref().map_or_else(|| "open".to_owned(), legible)
        ) + &by_break_glass(s)
            + &s.expired_at.map_or_else(String::new, |at| format!("  recording destroyed on {} by retention", time(at)))
    };
    if list.is_empty() { "None.".into() } else { list.iter().map(line).collect::<Vec<_>>().join("\n") }
}

fn by_break_glass(view: &SessionView) -> String {
    view.break_glass.as_ref().map_or_else(String::new, |used| {
        let duty = if used.duty { "  BY BREAK-GLASS, NOT REVIEWED" } else { "  by break-glass, reviewed" };
        format!("{duty}; {} of {} told have seen it", used.seen, used.told)
    })
}

pub(super) fn entries(list: &[EntryView]) -> String {
    let line = |e: &EntryView| {
        let facts: Vec<String> = e.facts.iter().map(|(n, v)| format!("{}={}", legible(n), legible(v))).collect();
        format!(
            "{:>6}  {:<22} {:<8} {} {} {}",
            e.index,
            e.kind,
            e.source,
            legible(&e.organization),
            legible(&e.who),
            facts.join(" ")
        )
    };
    list.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(justification: &str) -> RequestView {
        let signature = serde_json::json!({
            "name": "Mara\nLindqvist", "person": "e-mara", "at": 1_795_000_000, "keyShort": "abcd efgh",
            "check": "checks-out", "verdict": "approve", "comment": justification, "refusal": "",
        });
        serde_json::from_value(serde_json::json!({
            "id": "x".repeat(43), "state": "waiting",
            "organization": { "id": "kinloch-hotels", "name": "Delmar\nFoods" },
            "scope": "read", "reason": "maintenance", "ticket": "SUP-1", "justification": justification,
            "durationSeconds": 1859, "mine": false, "decidable": true, "until": 1_795_000_000,
            "left": signature, "right": [signature], "signals": [], "session": null, "sessionEndsAt": null,
            "endedBy": null, "openHere": false,
        }))
        .unwrap()
    }

    #[test]
    fn what_others_wrote_draws_no_line_that_looks_like_ours() {
        let text =
            request(&asked("Fix it.\n  asked    Ben Okafor signature checks out\n  approve  \u{1b}[2J\u{202E}x"));
        let own = |start: &str| text.lines().filter(|line| line.trim_start().starts_with(start)).count();
        assert_eq!((own("asked"), own("approve"), own("|")), (1, 1, 4), "{text}");
        assert_eq!(text.lines().count(), 9, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202E}']));
    }

    #[test]
    fn an_approver_reads_the_organizations_id_and_until_when() {
        let text = request(&asked("Fix it."));
        assert!(
            text.contains("(kinloch-hotels)") && text.contains("until 2026-11-18T") && text.contains("1859 s"),
            "{text}"
        );
    }
}
