//! The rules look at each Recording once it is sealed; what they point at stands in the log before anybody is shown it.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::SessionId;
use findings::{Context, Looked, Room, Rules, Watch};
use serve::ProblemResponse;
use serve::config::read_text;
use statement::{Bundle, Request, Unverified, sha256};
use wire::event::{Append, EventKind, Receipt};
use wire::finding::{Draw, Examination, Weighed};

use crate::audit::Audit;
use crate::error::{Error, StoreError};
use crate::problem;
use crate::sequencer::{Command, NewExamination};
use crate::store::{Detail, Seal, SessionRow};

const LOOKED_EVERY: Duration = Duration::from_secs(5);
/// Recordings that are looked at in one go.
const AT_ONCE: u32 = 20;
/// Earlier Sessions that say what is usual for somebody, and what else they did within a day.
const EARLIER: u32 = 500;
/// Bytes of unfinished answers that are kept while one Recording is looked at.
const ROOM: usize = 64 << 20;

impl Audit {
    /// Looks at every sealed Recording that was not looked at yet. One that cannot be is tried again later.
    pub(crate) async fn examine_sealed(&self, rules: &Arc<Rules>) {
        let waiting = match self.reader.unexamined(AT_ONCE).await {
            Ok(waiting) => waiting,
            Err(error) => return tracing::error!(%error, "the store cannot be read"),
        };
        for session in waiting {
            if let Err(problem) = self.examine(rules, &session).await {
                tracing::error!(code = problem.code(), %session, "a Recording is not looked at yet");
            }
        }
    }

    async fn examine(&self, rules: &Arc<Rules>, session: &SessionId) -> Result<Receipt, ProblemResponse> {
        let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
        let seal = self.seal(session).await?.ok_or_else(problem::no_session)?;
        let leaf =
            self.reader.leaf(seal.index).await?.ok_or_else(|| StoreError::damaged("the entry about a sealing"))?;
        let context = Context { draw: Some(Draw::of(&leaf)), ..self.context(&row, Some(&seal)).await? };
        let mut watch = Watch::new(rules.clone(), context, Room::of(ROOM));
        let mut from = Some(0);
        while let Some(first) = from {
            let (frames, next) = self.frames(&row, first, |_| true).await?;
            frames.iter().for_each(|frame| watch.see(frame));
            from = next;
        }
        let Looked { findings, one_in, drawn } = watch.done();
        let weighed = Weighed::of(&findings);
        let findings_json = serde_json::to_string(&findings).map_err(|_| StoreError::damaged("findings"))?;
        let event = Append::new(EventKind::RecordingExamined)
            .organization(&row.organization)
            .session(session)
            .fact("findings", sha256(&findings_json).to_string())
            .fact("stop", weighed.stop.to_string())
            .fact("look", weighed.look.to_string())
            .fact("note", weighed.note.to_string())
            .fact("one-in", one_in.to_string())
            .fact("drawn", if drawn { "yes" } else { "no" });
        let (session, organization) = (session.clone(), row.organization.clone());
        let new = NewExamination { session, organization, weighed, drawn, findings_json, event };
        self.writer.perform(Command::Examine(Box::new(new))).await?.receipt()
    }

    /// What the rules pointed at, with the entry about it.
    pub(crate) async fn examination(&self, row: &SessionRow) -> Result<Option<Examination>, ProblemResponse> {
        let Some(examined) = self.reader.examined(row).await? else { return Ok(None) };
        let receipt = self.receipt(examined.index).await?;
        Ok(Some(Examination { findings_json: examined.findings_json, receipt }))
    }

    /// Without a seal, of a Session that runs.
    pub(crate) async fn context(&self, row: &SessionRow, seal: Option<&Seal>) -> Result<Context, ProblemResponse> {
        let detail = self.reader.detail(row)?;
        let mark = self.reader.vault().mark(&detail.person)?;
        let policies = self.policies().await?;
        let policy = &policies.named(&detail.policy).unwrap_or_else(|| policies.current()).policy;
        let (weekday, minute) = policy.weekday_and_minute(row.opened_at).unwrap_or_default();
        let (ended_at, ended) = row.ended.clone().unwrap_or((row.last_end(), String::new()));
        Ok(Context {
            organization: row.organization.clone(),
            scope: row.scope,
            reason: detail.reason,
            ticket: detail.ticket.clone(),
            justification: justification(&detail).unwrap_or_default(),
            seconds: u64::try_from(ended_at.saturating_sub(row.opened_at)).unwrap_or_default(),
            weekday,
            minute,
            first_here: !self.reader.was_here(row, &mark).await?,
            earlier: self.reader.earlier(row, &mark, EARLIER).await?,
            extensions: self.reader.extensions(row).await?.len() as u64,
            missing_batches: seal.map_or(0, |seal| seal.manifest.missing_batches.len() as u64),
            ended,
            draw: None,
        })
    }
}

fn justification(detail: &Detail) -> Option<String> {
    let bundle: Bundle = serde_json::from_str(&detail.bundle_json).ok()?;
    let request = Unverified::<Request>::read(&bundle.request).ok()?;
    Some(request.unverified_body().justification.clone())
}

/// The rules of this folder, or those that are compiled in.
pub(crate) fn rules(folder: Option<&Path>) -> Result<Rules, Error> {
    let Some(folder) = folder else {
        return Rules::compiled_in().map_err(|why| Error::Misconfigured(format!("the rules: {why}")));
    };
    let unreadable = |why: std::io::Error| Error::Misconfigured(format!("finding_rules: {}: {why}", folder.display()));
    let mut files = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yml"));
    files.sort();
    let texts = files.iter().map(|file| read_text(file)).collect::<Result<Vec<_>, _>>()?;
    Rules::read(texts.iter().map(String::as_str))
        .map_err(|why| Error::Misconfigured(format!("finding_rules: {}: {why}", folder.display())))
}

/// Looks as long as the service runs.
pub(crate) async fn watch(audit: Weak<Audit>, rules: Arc<Rules>) {
    loop {
        tokio::time::sleep(LOOKED_EVERY).await;
        let Some(audit) = audit.upgrade() else { return };
        audit.examine_sealed(&rules).await;
    }
}
