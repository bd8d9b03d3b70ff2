use domain::{Digest, SessionId, UnixSeconds};
use statement::{Bundle, OpenSession, Opening, verify_open};
use wire::audit::SessionDetail;
use wire::break_glass::is_counted;
use wire::event::{Event, EventKind};
use wire::extension::{ExtensionFacts, verify_logged};
use wire::forgetting::is_expired_by;

use super::{altered, manifest_digest};
use crate::engine::Inner;
use crate::fault::fault;
use crate::joined::Joined;
use crate::show::count;
use crate::view::{ProofView, UiError};

impl Inner {
    /// "In the log, unaltered", or why not.
    pub(super) async fn proof(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<ProofView, UiError> {
        let mut proof = ProofView {
            verified: false,
            entry: count(detail.opened.index),
            checkpoint: 0,
            steps: count(detail.opened.inclusion.len() as u64),
            detail: String::new(),
        };
        let checked = match self.opening(joined, id, detail).await {
            Ok(size) => self.whole_or_expired(joined, id, detail).await.map(|()| size),
            Err(error) => Err(error),
        };
        match checked {
            Ok(size) => {
                proof.verified = true;
                proof.checkpoint = count(size);
                proof.detail = "In the log, unaltered".into();
            }
            Err(error) if error.code == "audit-unreachable" => return Err(error),
            Err(error) => proof.detail = error.message,
        }
        Ok(proof)
    }

    /// The `session-opened` entry, and that the bundle behind it was good at that moment. Gives the Checkpoint's size.
    pub(in crate::engine) async fn opening(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<u64, UiError> {
        let (event, checkpoint) = joined.log.prove(&detail.opened).await?;
        let fact = |name: &str| event.facts.get(name).map(String::as_str).unwrap_or_default();
        let bundle = serde_json::to_vec(&detail.bundle).unwrap_or_default();
        if event.kind != EventKind::SessionOpened
            || event.session.as_ref() != Some(id)
            || fact("bundle") != statement::sha256(bundle).as_str()
        {
            return Err(altered("its entry in the log is of something else"));
        }
        let tls: Digest = fact("tls-client").parse().map_err(|_| altered("its entry names no TLS key"))?;
        let ends_at: i64 = fact("ends-at").parse().map_err(|_| altered("its entry names no end"))?;
        let at: i64 = fact("opened-at").parse().map_err(|_| altered("its entry names no time"))?;
        let set: Digest =
            fact("provider-keys").parse().map_err(|_| altered("its entry names no keys of the issuer"))?;
        joined.keys_for(&detail.bundle.pk_tokens).await?;
        let provider = joined.keys_when(&set, at).await?;
        let in_force = self.policy_of(joined, &detail.bundle.request).await?;
        let opening = verify_open(&detail.bundle, &in_force.trust, &provider, &tls, at)
            .map_err(|refusal| altered(&format!("its signatures do not hold: {refusal}")))?;
        let ends_at = self.extensions(joined, detail, OpenSession::of(&opening, at, ends_at)).await?;
        summary_is_signed(id, detail, &opening, &event, (at, ends_at))?;
        for seen in opening.seen() {
            joined.log.agrees(seen).await?;
        }
        Ok(checkpoint.size)
    }

    /// The end with everything that extended the Session, each good at its moment.
    async fn extensions(&self, joined: &Joined, detail: &SessionDetail, mut of: OpenSession) -> Result<i64, UiError> {
        for logged in &detail.extensions {
            let (event, _) = joined.log.prove(&logged.receipt).await?;
            let wrong = |why: &dyn std::fmt::Display| altered(&format!("what extended it does not hold: {why}"));
            let facts = ExtensionFacts::read(&event).map_err(|why| wrong(&why))?;
            let bundle: Bundle = serde_json::from_str(&logged.bundle_json).map_err(|why| wrong(&why))?;
            joined.keys_for(&bundle.pk_tokens).await?;
            let provider = joined.keys_when(&facts.provider_keys, facts.extended_at).await?;
            let in_force = self.policy_of(joined, &bundle.request).await?;
            let extension = verify_logged(&event, &logged.bundle_json, &of, &in_force.trust, &provider)
                .map_err(|why| wrong(&why))?;
            for seen in extension.opening().seen() {
                joined.log.agrees(seen).await?;
            }
            of.ends_at = extension.ends_at();
        }
        Ok(of.ends_at)
    }

    /// The `recording-sealed` entry names the manifest that is shown, and why the Session ended.
    pub(super) async fn sealing(&self, joined: &Joined, id: &SessionId, detail: &SessionDetail) -> Result<(), UiError> {
        let Some(receipt) = &detail.sealed else { return Ok(()) };
        let (event, _) = joined.log.prove(receipt).await?;
        let manifest = detail.manifest.as_ref().ok_or_else(|| altered("its manifest is missing"))?;
        let named = event.facts.get("manifest").map(String::as_str);
        let right = event.kind == EventKind::RecordingSealed
            && event.facts.get("reason").map(String::as_str) == detail.summary.ended_by.as_deref()
            && event.session.as_ref() == Some(id)
            && named == Some(manifest_digest(manifest).as_str())
            && manifest.session == *id;
        if right { Ok(()) } else { Err(altered("its manifest, or how it ended, is not what the log says")) }
    }

    async fn whole_or_expired(&self, joined: &Joined, id: &SessionId, detail: &SessionDetail) -> Result<(), UiError> {
        self.sealing(joined, id, detail).await?;
        self.expiry(joined, id, detail).await.map(drop)
    }

    /// When the Recording was destroyed by retention, if an entry says so of exactly this one.
    pub(super) async fn expiry(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<Option<UnixSeconds>, UiError> {
        let wrong = || altered("whether it was destroyed by retention is not what the log says");
        let (at, receipt) = match (detail.summary.expired_at, &detail.expired) {
            (None, None) => return Ok(None),
            (Some(at), Some(receipt)) => (at, receipt),
            _ => return Err(wrong()),
        };
        let (event, _) = joined.log.prove(receipt).await?;
        let manifest = detail.manifest.as_ref().map(manifest_digest).ok_or_else(wrong)?;
        let said = event.facts.get("at").is_some_and(|said| *said == at.to_string());
        if said && is_expired_by(&event, id, &manifest) { Ok(Some(at)) } else { Err(wrong()) }
    }

    /// The digest of the manifest, once it is proven to be the one in the log.
    pub(super) async fn proven_manifest(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<Digest, UiError> {
        self.opening(joined, id, detail).await?;
        let (Some(manifest), Some(_)) = (&detail.manifest, &detail.sealed) else {
            return Err(fault(
                "not-sealed",
                "This Recording is not sealed yet.",
                "Review it when the Session is over.",
            ));
        };
        self.sealing(joined, id, detail).await?;
        Ok(manifest_digest(manifest))
    }
}

/// What the list shows is what was signed, by whom, and when the log says that it began and would end.
fn summary_is_signed(
    id: &SessionId,
    detail: &SessionDetail,
    opening: &Opening,
    event: &Event,
    (opened_at, ends_at): (i64, i64),
) -> Result<(), UiError> {
    let (summary, request) = (&detail.summary, opening.request());
    let body = request.statement.body();
    let approvers = opening.countersigners().map(|who| &who.name);
    let counted = is_counted(event, opening);
    let used = summary.break_glass.as_ref().map(|used| &used.permission);
    let same = [
        (counted && used == opening.break_glass().map(statement::Permitted::id), "break-glass permission"),
        (summary.session == *id && Digest::from(id.clone()) == *opening.open().digest(), "Session"),
        (summary.organization == *opening.organization(), "Organization"),
        (summary.person == request.identity.person, "person"),
        (summary.name == request.identity.name, "name"),
        (summary.approvers.iter().eq(approvers), "approver"),
        (summary.scope == opening.terms().scope, "Scope"),
        (summary.reason == body.reason, "reason"),
        (summary.ticket == body.ticket, "ticket"),
        (summary.opened_at == opened_at, "beginning"),
        (summary.ends_at == ends_at, "end"),
    ];
    let differs: Vec<&str> = same.iter().filter(|(same, _)| !same).map(|(_, field)| *field).collect();
    if differs.is_empty() {
        return Ok(());
    }
    Err(altered(&format!("the audit service shows another {} than was signed", differs.join(", "))))
}
