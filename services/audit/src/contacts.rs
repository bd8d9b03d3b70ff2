//! Organizations' contacts: whoever is outside the company and is told by this service itself. What is to be sent stands in the
//! database before anything is open, and is sent again until it is taken.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use domain::{OrgId, UnixSeconds};
use serve::ProblemResponse;
use serve::config::read_text;
use wire::break_glass::ContactNotice;
use wire::event::{Append, EventKind};

use crate::audit::Audit;
use crate::config::ContactConfig;
use crate::error::Error;
use crate::sequencer::{Command, NewSeen};
use crate::store::NoticeRow;
use crate::witnesses::is_address;

/// How often it is looked whether something is to be sent.
const LOOKED_EVERY: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(2) };
/// After a failure a notice waits, each time twice as long, in seconds.
const FIRST_PAUSE_SECONDS: UnixSeconds = if cfg!(test) { 0 } else { 10 };
const LONGEST_PAUSE_SECONDS: UnixSeconds = 3600;
/// So many are sent in one look.
const AT_ONCE: u32 = 32;

/// Where each Organization is told.
#[derive(Debug, Default)]
pub(crate) struct Contacts(BTreeMap<OrgId, Contact>);

#[derive(Debug)]
struct Contact {
    url: String,
    http: reqwest::Client,
}

/// Notices that failed: how long each waits, and until when.
type Pauses = BTreeMap<u64, (UnixSeconds, UnixSeconds)>;

impl Contacts {
    /// # Errors
    /// [`Error::Misconfigured`], also when one Organization stands there twice.
    pub fn all(configs: &[ContactConfig]) -> Result<Self, Error> {
        let mut all = BTreeMap::new();
        for one in configs {
            let wrong = |why: &str| Error::Misconfigured(format!("contact of {}: {why}", one.organization));
            if !is_address(&one.url) {
                return Err(wrong("its url is not https, holds a name, or ends in a slash"));
            }
            let ca = one.ca.as_deref().map(read_text).transpose()?;
            let http = identity::http_client(ca.as_deref()).map_err(|error| wrong(&error.to_string()))?;
            let contact = Contact { url: one.url.clone(), http };
            if all.insert(one.organization.clone(), contact).is_some() {
                return Err(wrong("it stands there twice"));
            }
        }
        Ok(Self(all))
    }

    pub fn address(&self, organization: &OrgId) -> Option<&str> {
        self.0.get(organization).map(|contact| contact.url.as_str())
    }

    /// What came of it, as the entry says.
    async fn send(&self, organization: &OrgId, notice: &ContactNotice) -> Result<(), String> {
        let contact = self.0.get(organization).ok_or("not-configured")?;
        let body = serde_json::to_vec(notice).map_err(|_| "unwritable")?;
        let request = contact.http.post(&contact.url).header("content-type", "application/json").body(body);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(answer.status().as_u16().to_string()),
            Err(_) => Err("unreachable".to_owned()),
        }
    }
}

/// Sends what waits, for as long as the service runs.
pub(crate) async fn watch(audit: Weak<Audit>) {
    let mut pauses = Pauses::new();
    loop {
        {
            let Some(audit) = audit.upgrade() else { return };
            if let Err(problem) = audit.send_notices(&mut pauses).await {
                tracing::error!(code = problem.code(), "notices of break-glass wait");
            }
        }
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}

impl Audit {
    async fn send_notices(&self, pauses: &mut Pauses) -> Result<(), ProblemResponse> {
        let now = self.now();
        for row in self.reader.unsent_notices(self.writer.head().size, AT_ONCE).await? {
            if pauses.get(&row.index).is_some_and(|(_, until)| now < *until) {
                continue;
            }
            if self.send_notice(&row).await? {
                pauses.remove(&row.index);
            } else {
                let pause = pauses.get(&row.index).map_or(FIRST_PAUSE_SECONDS, |(pause, _)| pause * 2);
                let pause = pause.min(LONGEST_PAUSE_SECONDS);
                pauses.insert(row.index, (pause, now + pause));
            }
        }
        Ok(())
    }

    async fn send_notice(&self, row: &NoticeRow) -> Result<bool, ProblemResponse> {
        let session = self.reader.session(&row.session).await?.ok_or_else(crate::problem::no_session)?;
        // Somebody has reviewed it and the Organization is forgotten since: there is nothing left to tell of.
        if self.reader.is_forgotten(&session.organization) {
            return Ok(false);
        }
        let detail = self.reader.detail(&session)?;
        let notice = ContactNotice {
            kind: "break-glass-used".to_owned(),
            v: 1,
            organization: detail.organization.clone(),
            session: row.session.clone(),
            scope: session.scope,
            reason: detail.reason,
            opened_at: session.opened_at,
            ends_at: session.last_end(),
            entry: self.receipt(row.index).await?,
        };
        let about = |kind| {
            let event = Append::new(kind).organization(&session.organization).session(&row.session);
            event.fact("notice", row.index.to_string()).fact("to", "contact")
        };
        match self.contacts.send(&session.organization, &notice).await {
            Ok(()) => {
                let mut event = about(EventKind::NoticeDelivered);
                event.unique = Some(format!("notice/{}", row.index));
                let seen = NewSeen { notice: row.index, event };
                self.writer.perform(Command::See(Box::new(seen))).await?.receipt()?;
                Ok(true)
            }
            Err(code) => {
                tracing::warn!(code, organization = %session.organization, "a contact did not take a notice");
                self.note(about(EventKind::NoticeFailed).fact("code", code)).await?;
                Ok(false)
            }
        }
    }
}
