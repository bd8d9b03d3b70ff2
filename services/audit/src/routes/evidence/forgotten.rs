use domain::Digest;
use serve::ProblemResponse;
use statement::sha256;
use wire::event::EventKind;
use wire::evidence::ForgottenContent;

use super::{enrolled, is_of_looking, prove};
use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::routes::events;
use crate::sequencer::Head;
use crate::store::{LeafRow, SessionRow};

/// What the log has left of a Session whose Organization was forgotten, and who had it forgotten.
pub(super) async fn content(audit: &Audit, row: &SessionRow, head: &Head) -> Result<ForgottenContent, ProblemResponse> {
    let damaged = || StoreError::damaged(format!("how {} was forgotten", row.organization));
    let mut found = None;
    for one in audit.reader.forgettings(head.size).await? {
        let leaf = audit.reader.leaf(one.index).await?.ok_or_else(damaged)?;
        let leaf = LeafRow { index: one.index, leaf };
        let event = events::read(&leaf)?;
        if event.organization.as_ref() == Some(&row.organization) {
            found = Some((one.forgetting, leaf, event));
        }
    }
    // It is forgotten a moment before the head that covers the entry is given out.
    let (forgetting, leaf, event) = found.ok_or_else(problem::organization_forgotten)?;
    let mut events = Vec::new();
    for about in audit.reader.leaves_about(&row.session, &[], head.size).await? {
        let event = events::read(&about)?;
        if !is_of_looking(event.kind) && event.kind != EventKind::CallRefused {
            events.push(prove(audit, &about, &event, head).await?);
        }
    }
    let enrols: Vec<Digest> = forgetting.enrols.iter().map(sha256).collect();
    Ok(ForgottenContent {
        session: row.session.clone(),
        events,
        forgotten: prove(audit, &leaf, &event, head).await?,
        enrolled: enrolled(audit, &enrols, head).await?,
        forgetting,
    })
}
