use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Scene, Seats, by};
use crate::http::Client;

const ORGANIZATION: &str = "Delmar Foods · Countersign";

/// The session window: judged by its picture and by what the service served, since it lets nobody drive it.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let mara = &seats.mara.window;
    let service = scene.stage.services.served.clone();
    let before = served(&service)?;
    scene.stage.steps.take("mara opens the session, and its window shows the Organization", || {
        mara.click(&by("open-session"))
    })?;
    let screen = &scene.screen;
    let window = scene.stage.steps.take("the Organization's page arrives through the gateway", || {
        let window = screen.window(ORGANIZATION)?;
        let end = Instant::now() + Duration::from_secs(20);
        while served(&service)? <= before {
            if Instant::now() > end {
                bail!("the service served nothing");
            }
            sleep(Duration::from_millis(200));
        }
        sleep(Duration::from_secs(2));
        Ok(window)
    })?;
    screen.picture(&window, &scene.file("13-session"))?;
    scene.picture(&seats.mara, "14-in-session")?;
    Ok(())
}

fn served(service: &str) -> anyhow::Result<u64> {
    let answer = Client::default().ask("GET", service, "", "")?;
    let served: Value = serde_json::from_str(&answer.body)?;
    served["organizations"]["delmar-foods"]["requests"].as_u64().context("a count")
}
