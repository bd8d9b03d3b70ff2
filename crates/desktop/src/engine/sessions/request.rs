use statement::{Bundle, Decision, Directory, KnownKeys, Request, Trust, Unverified};
use wire::audit::SessionDetail;
use wire::broker::{DecisionView, RequestState, RequestView};

/// The request of a Session's bundle, in the form in which requests are shown. Nothing but the statements counts.
pub(super) fn as_request(detail: &SessionDetail, directory: Option<&Directory<'_>>) -> RequestView {
    let (summary, bundle) = (&detail.summary, &detail.bundle);
    let body = Unverified::<Request>::read(&bundle.request).ok();
    let at = body.as_ref().map_or(0, Unverified::issued_at);
    let decisions = bundle.decisions.iter().filter_map(|compact| {
        let decision = Unverified::<Decision>::read(compact).ok()?;
        let who = directory.and_then(|d| d.identity(decision.kid(), decision.issued_at()).ok());
        Some(DecisionView {
            statement: compact.clone(),
            person: who.as_ref().map_or_else(|| domain::PersonId(String::new()), |w| w.person.clone()),
            name: who.map(|w| w.name).unwrap_or_default(),
            verdict: decision.unverified_body().verdict,
            terms: decision.unverified_body().terms,
            comment: decision.unverified_body().comment.clone(),
            at: decision.issued_at(),
        })
    });
    RequestView {
        id: statement::sha256(&bundle.request),
        state: if summary.ended_at.is_some() { RequestState::Ended } else { RequestState::Open },
        request: bundle.request.clone(),
        requester: summary.person.clone(),
        requester_name: summary.name.clone(),
        organization: summary.organization.clone(),
        scope: body.as_ref().map_or(summary.scope, |b| b.unverified_body().scope),
        reason: summary.reason,
        ticket: summary.ticket.clone(),
        justification: body.as_ref().map(|b| b.unverified_body().justification.clone()).unwrap_or_default(),
        duration_seconds: body.as_ref().map_or(0, |b| b.unverified_body().duration_seconds),
        requested_at: at,
        until: summary.ends_at,
        decisions: decisions.collect(),
        session: Some(summary.session.clone()),
        session_ends_at: Some(summary.ends_at),
        ended_by: summary.ended_by.clone(),
        pk_tokens: bundle.pk_tokens.clone(),
        enrols: bundle.enrols.clone(),
    }
}

/// Who countersigned what extended the Session: they review it as little as those who opened it. None when somebody cannot
/// be made out.
pub(super) fn extended_by(bundle: &Bundle, trust: &Trust, provider: &KnownKeys) -> Option<Vec<String>> {
    let directory = Directory::new(&bundle.pk_tokens, trust, provider).ok()?;
    let decisions = bundle.decisions.iter().map(|compact| {
        let decision = Unverified::<Decision>::read(compact).ok()?;
        Some(directory.identity(decision.kid(), decision.issued_at()).ok()?.person.0.clone())
    });
    decisions.collect()
}
