use domain::legible;

use super::args::{Command, Revoke};
use super::files::read;
use super::print::{self, Printer};
use crate::Engine;
use crate::fault::fault;
use crate::view::{RevokedView, UiError};

pub(super) async fn account(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    match command {
        Command::Key { new: true } => {
            let state = engine.new_key().await?;
            let key = state.device.as_ref().map_or("", |device| device.key.as_str());
            printer.show(&state, || {
                format!(
                    "{key}\nThe old key is destroyed here, and you are signed out.\nSign in with `countersign login`, \
                     then read the new key to an administrator."
                )
            });
        }
        Command::Key { new: false } => {
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
        Command::Devices { mine: true } => {
            let list = engine.own_devices().await?;
            printer.show(&list, || print::own_devices(&list));
        }
        Command::Devices { mine: false } => {
            let list = engine.devices().await?;
            printer.show(&list, || print::devices(&list));
        }
        Command::Organizations => {
            let list = engine.organizations().await?;
            printer.show(&list, || print::organizations(&list));
        }
        _ => {
            let log = engine.check_log().await?;
            printer.show(&log, || print::log(&log));
        }
    }
    Ok(())
}

pub(super) async fn login(engine: &Engine, no_browser: bool, printer: &Printer) -> Result<(), UiError> {
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

pub(super) async fn enrol(
    engine: &Engine,
    person: &str,
    device: Option<String>,
    code: &str,
    printer: &Printer,
) -> Result<(), UiError> {
    let waiting = engine.enrolments().await?;
    let mut of_person = waiting.iter().filter(|e| e.person == person && device.as_ref().is_none_or(|d| *d == e.device));
    let one = of_person.next().ok_or_else(|| {
        fault(
            "nobody-waits",
            format!("{} does not wait for enrolment.", legible(person)),
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
    let left = engine.enrol(&one.person, &one.device, code).await?;
    printer.show(&left, || format!("Enrolled {} with {}.", legible(&one.name), one.device));
    Ok(())
}

pub(super) async fn revoke(engine: &Engine, what: Revoke, printer: &Printer) -> Result<(), UiError> {
    let revoked = match what {
        Revoke::Grant { request, reason } => engine.revoke_grant(&request, &reason).await?,
        Revoke::Device { device, reason, code } => engine.revoke_device(&device, &reason, &code).await?,
        Revoke::Person { person, reason, code } => engine.revoke_person(&person, &reason, &code).await?,
        Revoke::Sessions { sessions, all, organization, person, reason, code } => {
            let running = async || engine.running_sessions(organization, person).await;
            let named = if all { running().await?.into_iter().map(|s| s.id).collect() } else { sessions };
            engine.end_sessions(&named, &reason, &code).await?
        }
    };
    printer.show(&revoked, || match &revoked {
        RevokedView { gateway: true, ended, .. } => format!("Revoked. {ended} open sessions were ended."),
        RevokedView { gateway: false, .. } => {
            "Revoked. The gateway was not reached: what is open ends within 15 s.".to_owned()
        }
    });
    Ok(())
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
