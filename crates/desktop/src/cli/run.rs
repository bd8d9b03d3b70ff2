use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::SystemClock;
use serde_json::json;

use super::args::{Arguments, Command};
use super::open;
use super::print::{self, Printer, plain};
use crate::fault::fault;
use crate::view::{RequestForm, SessionFilter, UiError};
use crate::{Engine, EngineConfig};

/// Carries out one command.
pub(super) async fn command(arguments: Arguments, printer: &Printer) -> Result<(), UiError> {
    if let Command::Verify { trust: Some(trust), file } = &arguments.command {
        return verify_offline(trust, file, printer);
    }
    let engine = Engine::new(EngineConfig {
        profile: arguments.profile,
        data_dir: arguments.data_dir.map_or_else(data_dir, Ok)?,
        keyring: None,
        clock: Arc::new(SystemClock),
    })?;
    match arguments.command {
        Command::Open { request, code, certificate } => open::open(&engine, &request, code, certificate, printer).await,
        Command::End { request } => open::end(&engine, &request, printer).await,
        Command::Login { no_browser } => login(&engine, no_browser, printer).await,
        Command::Enrol { person, device } => enrol(&engine, &person, device, printer).await,
        Command::EnrolCode { code } => enrol_code(&engine, code, printer).await,
        command @ (Command::Key
        | Command::Join { .. }
        | Command::Status
        | Command::Logout
        | Command::Code { .. }
        | Command::Enrolments
        | Command::Organizations
        | Command::CheckLog) => account(&engine, command, printer).await,
        command @ (Command::Request { .. }
        | Command::Requests { .. }
        | Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Withdraw { .. }) => requests(&engine, command, printer).await,
        command => records(&engine, command, printer).await,
    }
}

async fn account(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    match command {
        Command::Key => {
            let key = engine.key().await?;
            printer.show(&key, || key.key.clone());
        }
        Command::Join { file } => {
            let state = engine.join(&read(&file)?).await?;
            printer.show(&state, || print::state(&state));
        }
        Command::Status => {
            let state = engine.state().await?;
            printer.show(&state, || print::state(&state));
        }
        Command::Logout => {
            let state = engine.sign_out().await?;
            printer.show(&state, || "Signed out.".into());
        }
        Command::Code { code } => {
            let state = engine.enter_code(&code).await?;
            printer.show(&state, || "The code was taken.".into());
        }
        Command::Enrolments => {
            let list = engine.enrolments().await?;
            printer.show(&list, || print::enrolments(&list));
        }
        Command::Organizations => {
            let list = engine.organizations().await?;
            printer.show(&list, || print::organizations(&list));
        }
        _ => {
            let log = engine.check_log().await?;
            printer.show(&log, || format!("The log is intact: {} entries, {}.", log.size, log.words.join(" ")));
        }
    }
    Ok(())
}

async fn login(engine: &Engine, no_browser: bool, printer: &Printer) -> Result<(), UiError> {
    let begun = engine.begin_sign_in().await?;
    if no_browser || !open_browser(&begun.url) {
        printer.show(&begun, || format!("Visit {}\nContinue only if the page shows {}", begun.url, begun.match_code));
    } else {
        printer.show(&begun, || format!("Continue in the browser only if the page shows {}", begun.match_code));
    }
    let state = engine.finish_sign_in().await?;
    printer.show(&state, || print::state(&state));
    Ok(())
}

async fn enrol(engine: &Engine, person: &str, device: Option<String>, printer: &Printer) -> Result<(), UiError> {
    let waiting = engine.enrolments().await?;
    let mut of_person = waiting.iter().filter(|e| e.person == person && device.as_ref().is_none_or(|d| *d == e.device));
    let one = of_person.next().ok_or_else(|| {
        fault(
            "nobody-waits",
            format!("{} does not wait for enrolment.", plain(person)),
            "Look at `countersign enrolments`.",
        )
    })?;
    if of_person.next().is_some() {
        return Err(fault(
            "several-wait",
            "Several Devices of this person wait.",
            "Name one with --device, after comparing it with them.",
        ));
    }
    let left = engine.enrol(&one.person, &one.device).await?;
    printer.show(&left, || format!("Enrolled {} with {}.", plain(&one.name), one.device));
    Ok(())
}

async fn enrol_code(engine: &Engine, code: Option<String>, printer: &Printer) -> Result<(), UiError> {
    if let Some(code) = code {
        let state = engine.confirm_second_factor(&code).await?;
        printer.show(&state, || "One-time codes are set up.".into());
    } else {
        let shown = engine.begin_second_factor().await?;
        printer.show(&shown, || {
            format!("Type this into your authenticator:\n{}\nThen: countersign enrol-code --code 123456", shown.secret)
        });
    }
    Ok(())
}

async fn requests(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    let view = match command {
        Command::Request { organization, reason, ticket, justification, scope, minutes, seconds } => {
            let duration_seconds = seconds.unwrap_or(minutes.saturating_mul(60));
            engine
                .sign_request(RequestForm { organization, reason, ticket, justification, scope, duration_seconds })
                .await?
        }
        Command::Approve { request, code, comment } => engine.approve(&request, &comment, &code).await?,
        Command::Deny { request, comment } => engine.deny(&request, &comment).await?,
        Command::Withdraw { request } => engine.withdraw(&request).await?,
        Command::Requests { view } if !["mine", "inbox", "decided"].contains(&view.as_str()) => {
            engine.request(&view).await?
        }
        Command::Requests { view } => {
            let list = engine.requests(&view).await?;
            printer.show(&list, || print::requests(&list));
            return Ok(());
        }
        _ => return Ok(()),
    };
    printer.show(&view, || print::request(&view));
    Ok(())
}

async fn records(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    match command {
        Command::Sessions { organization, person, scope } => {
            let page =
                engine.sessions(SessionFilter { organization, person, scope, ..SessionFilter::default() }).await?;
            printer.show(&page, || print::sessions(&page.sessions));
        }
        Command::Session { session } => {
            let detail = engine.session(&session).await?;
            printer.show(&detail, || {
                let proof = format!(
                    "{} (entry {}, Checkpoint {})",
                    plain(&detail.proof.detail),
                    detail.proof.entry,
                    detail.proof.checkpoint
                );
                format!(
                    "{}\n{}\n{proof}",
                    print::sessions(std::slice::from_ref(&detail.session)),
                    print::request(&detail.request)
                )
            });
        }
        Command::Recording { session } => {
            let recording = engine.recording(&session).await?;
            printer.show(&recording, || {
                let line = |e: &crate::view::ExchangeView| {
                    format!("{:>5} {} {} {} {}", e.number, e.method, plain(&e.path), e.status, e.refused)
                };
                recording.exchanges.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
        Command::Review { session, verdict, note } => {
            let detail = engine.review(&session, &verdict, &note).await?;
            printer.show(&detail, || "The review is signed and in the log.".into());
        }
        Command::Entries { before } => {
            let list = engine.entries(before).await?;
            printer.show(&list, || print::entries(&list));
        }
        Command::Evidence { session, out } => {
            let path = engine.make_evidence(&session).await?;
            let path = copy(&path, out)?;
            printer.show(&json!({ "path": path }), || path.display().to_string());
        }
        Command::Trust { file } => {
            let trust = engine.trust_file().await?;
            let text = serde_json::to_vec_pretty(&trust).unwrap_or_default();
            std::fs::write(&file, text)
                .map_err(|_| fault("file", format!("{} cannot be written.", file.display()), "Check the path."))?;
            printer.show(&json!({ "path": file }), || file.display().to_string());
        }
        Command::Verify { file, .. } => {
            let report = engine.verify_evidence(&file).await?;
            printer.show(&report, || report.to_string());
        }
        _ => {}
    }
    Ok(())
}

fn verify_offline(trust: &Path, file: &Path, printer: &Printer) -> Result<(), UiError> {
    let trust = serde_json::from_str(&read(trust)?)
        .map_err(|_| fault("file", "The trust file is not one.", "Use the trust.json of the installation."))?;
    let report = crate::verify_file(file, &trust)?;
    printer.show(&report, || report.to_string());
    Ok(())
}

fn copy(from: &Path, to: Option<PathBuf>) -> Result<PathBuf, UiError> {
    let Some(to) = to else { return Ok(from.to_owned()) };
    let content = std::fs::read(from).map_err(|_| fault("file", "The evidence cannot be read.", "Try again."))?;
    keys::write_private(&to, &content)?;
    Ok(to)
}

fn read(path: &Path) -> Result<String, UiError> {
    std::fs::read_to_string(path)
        .map_err(|_| fault("file", format!("{} cannot be read.", path.display()), "Check the path."))
}

/// The system's place for application data.
///
/// # Errors
/// [`UiError`] when this computer has no home folder.
pub fn data_dir() -> Result<PathBuf, UiError> {
    let home = |rest: &str| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(rest));
    let base = if cfg!(target_os = "windows") {
        std::env::var_os("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
            .or_else(|| home(".local/share"))
    };
    base.map(|b| b.join("countersign"))
        .ok_or_else(|| fault("file", "There is no home folder.", "Name a folder with --data-dir."))
}

/// Opens the system browser; whether it could be asked.
fn open_browser(url: &str) -> bool {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(target_os = "windows") {
        "explorer"
    } else {
        "xdg-open"
    };
    let quiet = std::process::Stdio::null;
    std::process::Command::new(program).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn().is_ok()
}
