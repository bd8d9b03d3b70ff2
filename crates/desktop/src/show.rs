//! From what travels to what is shown.

use domain::{Digest, UnixSeconds};
use serde::Serialize;
use statement::EcJwk;
use wire::audit::SessionSummary;

use crate::view::{BreakGlassUseView, DeviceView, FindingCounts, FindingView, OrganizationView, SessionView};

/// Seconds as the UI counts them.
pub(crate) fn seconds(at: UnixSeconds) -> u32 {
    u32::try_from(at).unwrap_or(0)
}

/// A count as the UI counts.
pub(crate) fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The stable word of a plain enumeration, as it is written in JSON.
pub(crate) fn label<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// An enumeration's value from its stable word.
pub(crate) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// The first eight characters of a thumbprint in groups of four.
pub(crate) fn key_short(thumbprint: &Digest) -> String {
    let text = thumbprint.as_str();
    format!("{} {}", &text[..4], &text[4..8])
}

pub(crate) fn device(key: &EcJwk) -> DeviceView {
    let thumbprint = key.thumbprint();
    DeviceView {
        name: "This computer".into(),
        key_short: key_short(&thumbprint),
        key: thumbprint.to_string(),
        kept_in: "System keyring".into(),
    }
}

pub(crate) fn organization(of: &domain::Organization) -> OrganizationView {
    OrganizationView { id: of.id.to_string(), name: of.name.clone() }
}

pub(crate) fn finding(found: &wire::finding::Finding) -> FindingView {
    FindingView {
        rule: found.rule.clone(),
        weight: label(&found.weight),
        sentence: found.sentence.clone(),
        at_ms: found.at.map(crate::replay::ms),
        times: count(found.times),
    }
}

pub(crate) fn session(summary: &SessionSummary) -> SessionView {
    SessionView {
        id: summary.session.to_string(),
        organization: organization(&summary.organization),
        name: summary.name.clone(),
        approvers: summary.approvers.clone(),
        scope: label(&summary.scope),
        reason: label(&summary.reason),
        ticket: summary.ticket.clone(),
        opened_at: seconds(summary.opened_at),
        ends_at: seconds(summary.ends_at),
        ended_at: summary.ended_at.map(seconds),
        ended_by: summary.ended_by.clone(),
        exchanges: count(summary.exchanges),
        writes: count(summary.writes),
        refused: count(summary.refused),
        activity: summary.activity.clone(),
        review: summary.review.map(|r| label(&r)).unwrap_or_default(),
        findings: summary.findings.map(|found| FindingCounts {
            stop: count(found.stop),
            look: count(found.look),
            note: count(found.note),
        }),
        so_far: summary.so_far.as_ref().map(|found| found.iter().map(finding).collect()),
        due: summary.due,
        break_glass: summary.break_glass.as_ref().map(|used| BreakGlassUseView {
            permission: used.permission.to_string(),
            duty: used.duty,
            told: used.told,
            seen: used.seen,
        }),
        expired_at: summary.expired_at.map(seconds),
    }
}
