//! A list of Sessions as a file of comma-separated values: each page is written when its entry is proven to stand in the log.

mod csv;

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use client::AuditClient;
use wire::audit::{ExportSessions, ExportedSessions};
use wire::event::EventKind;
use wire::sessions::MOST_EXPORTED;

use super::which;
use crate::Engine;
use crate::engine::Inner;
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::count;
use crate::view::{ExportView, Notice, SessionFilter, UiError};

/// Whether somebody stopped the export that runs; one runs at a time.
#[derive(Default)]
pub(crate) struct Exporting {
    runs: AtomicBool,
    stopped: AtomicBool,
}

/// Ends the turn of an export, however it ends.
struct Turn<'a>(&'a Exporting);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.runs.store(false, Ordering::SeqCst);
    }
}

impl Exporting {
    fn begin(&self) -> Result<Turn<'_>, UiError> {
        if self.runs.swap(true, Ordering::SeqCst) {
            return Err(fault("export-runs", "Another export runs.", "Wait for it, or cancel it."));
        }
        self.stopped.store(false, Ordering::SeqCst);
        Ok(Turn(self))
    }

    fn check(&self) -> Result<(), UiError> {
        if self.stopped.load(Ordering::SeqCst) {
            return Err(fault(
                "cancelled",
                "The export was cancelled, and its file is gone.",
                "Nothing has to be done.",
            ));
        }
        Ok(())
    }
}

/// A file that is there under its name only once it is whole.
struct Unfinished {
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
}

impl Engine {
    /// Writes every Session of a list into a new file: `to` itself, or one in that folder. What was given is in the log, page by page.
    ///
    /// # Errors
    /// [`UiError`]: `cancelled`, `export-runs`, `export-too-large`; the file is not there then.
    pub async fn export_sessions(&self, filter: SessionFilter, to: &Path) -> Result<ExportView, UiError> {
        let asked = ExportSessions::all_of(which(&filter)?);
        let (joined, audit) = self.inner.audit().await?;
        self.inner.export(&joined, &audit, asked, to).await
    }

    /// Stops the export that runs, if there is one.
    pub fn cancel_export(&self) {
        self.inner.exporting.stopped.store(true, Ordering::SeqCst);
    }
}

impl Inner {
    pub(super) async fn export(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        mut asked: ExportSessions,
        to: &Path,
    ) -> Result<ExportView, UiError> {
        let turn = self.exporting.begin()?;
        let path = if to.is_dir() { to.join(name(self.now())) } else { to.to_owned() };
        let mut file = Unfinished::create(path)?;
        file.write(&csv::head())?;
        let mut done = 0;
        loop {
            turn.0.check()?;
            let page = audit.export_sessions(&asked).await.map_err(call("the audit service"))?;
            prove(joined, &page).await?;
            turn.0.check()?;
            for one in &page.sessions {
                file.write(&csv::line(one))?;
            }
            for one in &page.forgotten {
                file.write(&csv::forgotten(one))?;
            }
            done += page.sessions.len() as u64 + page.forgotten.len() as u64;
            self.tell(Notice::Exporting { done: count(done), of: count(page.of) });
            match page.next {
                // A list that leads nowhere would be one without an end.
                Some(next) if asked.cursor.as_ref() != Some(&next) && done <= MOST_EXPORTED => {
                    asked.cursor = Some(next);
                }
                Some(_) => return Err(unexpected()),
                None => break,
            }
        }
        Ok(ExportView { path: file.finish()?.display().to_string(), sessions: count(done) })
    }
}

/// The entry stands in the log, and says as many as were given.
async fn prove(joined: &Joined, page: &ExportedSessions) -> Result<(), UiError> {
    let (event, _) = joined.log.prove(&page.receipt).await?;
    let given = (page.sessions.len() + page.forgotten.len()).to_string();
    if event.kind != EventKind::SessionsExported || event.facts.get("sessions") != Some(&given) {
        return Err(fault("other-receipt", "The audit service's receipt is not of this export.", "Tell security."));
    }
    Ok(())
}

fn name(now: i64) -> String {
    let at = jiff::Timestamp::from_second(now).map(|at| at.strftime("%Y-%m-%d-%H%M%S").to_string());
    format!("countersign-sessions-{}.csv", at.unwrap_or_default())
}

fn unexpected() -> UiError {
    fault("unexpected", "The audit service gives the same page again.", "Ask who runs the audit service.")
}

impl Unfinished {
    fn create(path: PathBuf) -> Result<Self, UiError> {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        if path.exists() {
            return Err(fault("file", format!("{} is there already.", path.display()), "Choose another name."));
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&part).map_err(|_| unwritable(&part))?;
        Ok(Self { file: BufWriter::new(file), part, path })
    }

    fn write(&mut self, text: &str) -> Result<(), UiError> {
        self.file.write_all(text.as_bytes()).map_err(|_| unwritable(&self.part))
    }

    fn finish(mut self) -> Result<PathBuf, UiError> {
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        written.and_then(|()| std::fs::rename(&self.part, &self.path)).map_err(|_| unwritable(&self.path))?;
        Ok(self.path.clone())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Where it was finished there is none under this name.
        drop(std::fs::remove_file(&self.part));
    }
}

fn unwritable(path: &Path) -> UiError {
    fault("file", format!("{} cannot be written.", path.display()), "Make room, or choose another folder.")
}

#[cfg(test)]
mod tests;
