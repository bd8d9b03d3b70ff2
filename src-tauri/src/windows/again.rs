//! The main window's page, when its process stopped.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use tauri::{AppHandle, Manager, Url};

use super::MAIN;
use crate::{
    leaving,
    memory::Memory,
    question,
    stopping::{self, Life, Stops},
};

/// Where the page begins.
const START: &str = "/";

#[derive(Default)]
pub(crate) struct MainStops(Mutex<Stops>);

impl MainStops {
    fn again(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).again(Instant::now())
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Stops::default();
    }
}

/// Opens the page again where it was. The one that stops too often stays, and the person is asked in a window that no page
/// draws.
pub(super) fn heed(app: &AppHandle, life: Life) {
    let Life::Stopped(last) = life else { return };
    // Whatever it asked is asked no more.
    leaving::stay(app);
    let Some(address) = stopping::address(&last, app.state::<Memory>().theme()) else { return };
    if app.state::<MainStops>().again() {
        return open(app, address);
    }
    let (asking, mut start) = (app.clone(), address);
    // Where it was may be what stops it.
    start.set_fragment(Some(START));
    question::ask(
        app,
        "The page of Countersign’s window stopped three times within a minute, so it is not opened again by \
         itself.\n\nNothing that was signed is lost. Sessions that are open stay open in windows of their own."
            .into(),
        &[("Open it again", true), ("Leave it", false)],
        move |yes| {
            if yes {
                asking.state::<MainStops>().forget();
                open(&asking, start);
            }
        },
    );
}

fn open(app: &AppHandle, address: Url) {
    if let Some(main) = app.get_webview_window(MAIN)
        && let Err(error) = main.navigate(address)
    {
        eprintln!("countersign: the window's page could not be opened again: {error}");
    }
}
