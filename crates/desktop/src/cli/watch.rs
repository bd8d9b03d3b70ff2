use domain::legible;

use super::print::Printer;
use crate::Engine;
use crate::fault::fault;
use crate::view::{ExchangeView, RecordingCheck, UiError, WatchedView};

/// Prints what comes until the Session is over, then holds the sealed Recording to it.
pub(super) async fn watch(engine: &Engine, session: &str, printer: &Printer) -> Result<(), UiError> {
    let mut watched = engine.watch_session(session).await?;
    let mut shown = None;
    loop {
        if shown != Some(watched.untold) || !is_empty(&watched) {
            shown = Some(watched.untold);
            printer.show(&watched, || lines(&watched));
        }
        if watched.over {
            break;
        }
        watched = engine.watched(session).await?;
    }
    engine.stop_watching(session)?;
    let recording = engine.recording(session).await?;
    if recording.check == RecordingCheck::DoesNotMatch {
        return Err(fault("does-not-match", recording.detail, "Do not review it. Tell security."));
    }
    printer.show(&recording.detail, || format!("The Session is over. {}", legible(&recording.detail)));
    Ok(())
}

fn is_empty(watched: &WatchedView) -> bool {
    watched.part.exchanges.is_empty() && watched.part.pages.is_empty() && watched.part.gaps.is_empty()
}

fn lines(watched: &WatchedView) -> String {
    if watched.untold {
        return "Nothing is shown before the person inside can see that you watch.".to_owned();
    }
    let line = |e: &ExchangeView| {
        format!("{:>5} {} {} {} {}", e.number, legible(&e.method), legible(&e.path), e.status, legible(&e.refused))
    };
    let page = |p: &crate::view::PageView| format!("    page {}: {} events", legible(&p.page), p.events);
    let exchanges = watched.part.exchanges.iter().map(line);
    let gaps = watched.part.gaps.iter().map(|g| format!("    - {}", legible(&g.detail)));
    let shown: Vec<String> = exchanges.chain(watched.part.pages.iter().map(page)).chain(gaps).collect();
    if shown.is_empty() { "You are seen, and watch.".to_owned() } else { shown.join("\n") }
}
