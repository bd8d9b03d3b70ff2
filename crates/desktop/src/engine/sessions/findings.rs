use domain::SessionId;
use wire::audit::SessionDetail;

use super::altered;
use crate::engine::Inner;
use crate::joined::Joined;
use crate::replay::ms;
use crate::show::{count, label};
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
        let (event, _) = joined.log.prove(&examination.receipt).await?;
        let findings =
            examination.read(&event, id).ok_or_else(|| altered("its findings are not those of the log's entry"))?;
        let view = |finding: wire::finding::Finding| FindingView {
            rule: finding.rule,
            weight: label(&finding.weight),
            sentence: finding.sentence,
            at_ms: finding.at.map(ms),
            times: count(finding.times),
        };
        Ok(Some(findings.into_iter().map(view).collect()))
    }
}
