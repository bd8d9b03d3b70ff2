use domain::SessionId;
use wire::audit::SessionDetail;
use wire::event::EventKind;

use super::altered;
use crate::engine::Inner;
use crate::joined::Joined;
use crate::show::finding;
use crate::view::{FindingView, UiError};

impl Inner {
    /// What the rules pointed at, when the log's entry says exactly that; nothing while they have not looked.
    pub(super) async fn findings(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<Option<Vec<FindingView>>, UiError> {
        let Some(examination) = &detail.examination else { return Ok(None) };
        let other = || altered("its findings are not those of the log's entry");
        let (event, _) = joined.log.prove(&examination.receipt).await?;
        // Whether it was drawn for review follows from the entry about the sealing.
        let sealed = detail.sealed.as_ref().ok_or_else(other)?;
        let (sealing, _) = joined.log.prove(sealed).await?;
        if sealing.kind != EventKind::RecordingSealed || sealing.session.as_ref() != Some(id) {
            return Err(other());
        }
        let findings = examination.read(&event, id, &sealed.leaf).ok_or_else(other)?;
        Ok(Some(findings.iter().map(finding).collect()))
    }
}
