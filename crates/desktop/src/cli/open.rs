use std::path::PathBuf;

use domain::legible;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use super::print::{Printer, time};
use crate::Engine;
use crate::fault::fault;
use crate::view::{DoorView, MoreState, MoreView, UiError};

/// Opens a Session and stays until it is over. Ctrl-C, a closed terminal and `kill` end it.
pub(super) async fn open(
    engine: &Engine,
    request: &str,
    code: Option<String>,
    certificate: Option<PathBuf>,
    printer: &Printer,
) -> Result<(), UiError> {
    let mut notices = engine.notices();
    let view = engine.open_session(request, code).await?;
    if let Err(error) = announce(engine, &view, certificate, printer) {
        drop(engine.end_session(request).await);
        return Err(error);
    }
    let told = interrupted();
    tokio::pin!(told);
    let mut ending = false;
    let (mut ends_at, mut more) = (view.ends_at, None);
    loop {
        tokio::select! {
            heard = notices.recv() => if matches!(heard, Err(RecvError::Closed)) { break },
            () = &mut told, if !ending => {
                ending = true;
                engine.end_session(request).await?;
            }
        }
        let Some(now) = engine.doors().into_iter().find(|d| d.request == request) else { break };
        if now.ends_at > ends_at {
            ends_at = now.ends_at;
            printer.show(&json!({ "session": now.session, "endsAt": ends_at }), || {
                format!("The session goes on until {}.", time(ends_at))
            });
        }
        if now.more != more {
            more.clone_from(&now.more);
            let value = json!({ "session": now.session, "more": more });
            printer.show(&value, || more.as_ref().map(said).unwrap_or_default());
        }
        if !now.ended_by.is_empty() {
            printer.show(&json!({ "session": now.session, "endedBy": now.ended_by }), || {
                format!("The session is over: {}.", now.ended_by)
            });
            break;
        }
    }
    Ok(())
}

/// Ends a Session that another process of this profile holds open.
pub(super) async fn end(engine: &Engine, request: &str, printer: &Printer) -> Result<(), UiError> {
    engine.end_elsewhere(request).await?;
    printer.show(&json!({ "request": request, "ended": true }), || "The session was ended.".into());
    Ok(())
}

/// Ctrl-C, a closed terminal, or a polite `kill`.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut end), Ok(mut hang)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
            _ = hang.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}

fn announce(engine: &Engine, view: &DoorView, certificate: Option<PathBuf>, printer: &Printer) -> Result<(), UiError> {
    let passage =
        engine.passage(&view.request).ok_or_else(|| fault("door", "The door is closed.", "Open the session again."))?;
    if let Some(path) = &certificate {
        std::fs::write(path, &passage.certificate_pem)
            .map_err(|_| fault("file", format!("{} cannot be written.", path.display()), "Check the path."))?;
    }
    let value = json!({
        "request": view.request,
        "session": view.session,
        "organization": view.organization,
        "scope": view.scope,
        "openedAt": view.opened_at,
        "endsAt": view.ends_at,
        "proxy": passage.proxy_url,
        "certificate": passage.certificate_pem,
        "certificateFile": certificate,
        "start": passage.start,
    });
    printer.show(&value, || {
        format!(
            "{} is open until {}.\nProxy        {}\nStart        {}\nCertificate  {}\nEnd it with Ctrl-C.",
            legible(&view.organization.name),
            time(view.ends_at),
            passage.proxy_url,
            passage.start,
            certificate.as_ref().map_or_else(|| format!("\n{}", passage.certificate_pem), |p| p.display().to_string())
        )
    });
    Ok(())
}

/// What became of more time that was asked for.
fn said(more: &MoreView) -> String {
    let asked = format!("{} s more, until {}", more.seconds, time(more.ends_at));
    match more.state {
        MoreState::Waiting => format!("You asked for {asked}. It waits for a second person."),
        MoreState::Countersigned => format!("Countersigned: {asked}. The gateway is being told."),
        MoreState::CodeNeeded => format!(
            "Countersigned: {asked}. Your last code is older than 15 minutes: enter another one with `countersign code`, \
             and the session goes on."
        ),
        MoreState::Extended => format!("Extended: {asked}."),
        MoreState::Denied => format!("Denied: {asked}. {}", legible(&more.why)),
        MoreState::Withdrawn => format!("Withdrawn: {asked}."),
        MoreState::Expired => format!("Nobody countersigned {asked}."),
        MoreState::Refused => format!("The session was not extended. {}", legible(&more.why)),
    }
}
