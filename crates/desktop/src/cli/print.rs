use std::io::Write as _;

use serde::Serialize;

use crate::view::{
    AppState, EnrolmentView, EntryView, OrganizationView, RequestView, SessionView, SignatureCheck, SignatureView,
    UiError,
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
            format!("countersign: {} ({})\n  {}", plain(&error.message), error.code, plain(&error.next))
        };
        drop(writeln!(std::io::stderr().lock(), "{line}"));
    }
}

/// Terminals act on control characters; what others wrote never reaches them.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

pub(super) fn time(at: u32) -> String {
    jiff::Timestamp::from_second(i64::from(at)).map(|t| t.to_string()).unwrap_or_default()
}

pub(super) fn state(state: &AppState) -> String {
    let person =
        state.person.as_ref().map_or("nobody".into(), |p| format!("{} ({}; {})", p.name, p.person, p.roles.join(", ")));
    let key = state.device.as_ref().map_or("none", |d| d.key.as_str());
    format!(
        "Profile       {}\nOperator      {}\nSigned in     {}\nThis computer {}\nNext          {}\nAudit log     {:?}, {} entries {}\n{}",
        state.profile,
        plain(&state.operator),
        plain(&person),
        key,
        crate::show::label(&state.step),
        state.status.log.verdict,
        state.status.log.size,
        plain(&state.status.log.detail),
        state.status.keyring
    )
}

pub(super) fn requests(requests: &[RequestView]) -> String {
    if requests.is_empty() {
        return "None.".into();
    }
    requests.iter().map(request).collect::<Vec<_>>().join("\n\n")
}

pub(super) fn request(view: &RequestView) -> String {
    let mut text = format!(
        "{}\n  {} · {} · {} · {} s · {}\n  {}: {}\n  asked    {}",
        view.id,
        plain(&view.organization.name),
        view.scope,
        view.reason,
        view.duration_seconds,
        view.state,
        plain(&view.ticket),
        plain(&view.justification),
        signature(&view.left)
    );
    for right in &view.right {
        text.push_str(&format!("\n  {:<8} {} {}", right.verdict, signature(right), plain(&right.comment)));
    }
    for signal in &view.signals {
        text.push_str(&format!("\n  {:<5} {} {}", signal.verdict, plain(&signal.title), plain(&signal.detail)));
    }
    text
}

fn signature(view: &SignatureView) -> String {
    let check = match view.check {
        SignatureCheck::ChecksOut => "signature checks out".to_owned(),
        SignatureCheck::DoesNotMatch => format!("DOES NOT MATCH: {}", plain(&view.refusal)),
    };
    format!("{} ({}) {} {check}", plain(&view.name), plain(&view.person), time(view.at))
}

pub(super) fn enrolments(list: &[EnrolmentView]) -> String {
    let line = |e: &EnrolmentView| {
        let check = if e.check == SignatureCheck::ChecksOut { "" } else { "  DOES NOT MATCH" };
        format!("{}  {}  {}{check}", plain(&e.person), e.device, plain(&e.name))
    };
    if list.is_empty() { "Nobody waits.".into() } else { list.iter().map(line).collect::<Vec<_>>().join("\n") }
}

pub(super) fn organizations(list: &[OrganizationView]) -> String {
    list.iter().map(|o| format!("{:<24} {}", o.id, plain(&o.name))).collect::<Vec<_>>().join("\n")
}

pub(super) fn sessions(list: &[SessionView]) -> String {
    let line = |s: &SessionView| {
        format!(
            "{}  {}  {}  {}  {}  {} exchanges, {} refused  {}",
            s.id,
            time(s.opened_at),
            plain(&s.organization.name),
            plain(&s.name),
            s.scope,
            s.exchanges,
            s.refused,
            s.ended_by.as_deref().map_or("open", |e| e)
        )
    };
    if list.is_empty() { "None.".into() } else { list.iter().map(line).collect::<Vec<_>>().join("\n") }
}

pub(super) fn entries(list: &[EntryView]) -> String {
    let line = |e: &EntryView| {
        let facts: Vec<String> = e.facts.iter().map(|(n, v)| format!("{n}={}", plain(v))).collect();
        format!(
            "{:>6}  {:<22} {:<8} {} {} {}",
            e.index,
            e.kind,
            e.source,
            plain(&e.organization),
            plain(&e.who),
            facts.join(" ")
        )
    };
    list.iter().map(line).collect::<Vec<_>>().join("\n")
}
