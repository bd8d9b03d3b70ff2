//! The people, the services and the applications, set up once, and a Session for each application.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::apps::{App, Running};
use crate::{
    desk::Desk,
    faults::people::People,
    folders,
    services::Part,
    story::{
        Stage,
        line::{door::Door, setup},
    },
};

const PATIENCE: Duration = Duration::from_secs(180);

pub struct World {
    pub stage: Stage,
    people: People,
    base: PathBuf,
    _apps: Vec<Running>,
}

/// A Session that a browser may use.
pub struct Held {
    pub request: String,
    pub door: Door,
}

impl World {
    /// Everything runs, and everybody may do their part. Without `masked` nothing is masked but what people type: a mark has not
    /// the width of what it stands for.
    pub fn set(base: &Path, apps: &[App], masked: bool) -> anyhow::Result<Self> {
        let folder = base.join("world");
        folders::fresh(&folder)?;
        let (state, logs) = (folder.join("state"), folder.join("logs"));
        let running = apps.iter().map(|app| app.start(base, &state, &logs)).collect::<anyhow::Result<Vec<_>>>()?;
        let targets: Vec<PathBuf> = running.iter().filter_map(|app| app.target.clone()).collect();
        let mut stage = Stage::set(folder, &targets, Desk::apart)?;
        if !masked {
            let file = stage.services.dir.join("gateway/targets.toml");
            fs::write(&file, without_masks(&fs::read_to_string(&file)?))?;
            stage.services.crash(Part::Gateway)?;
        }
        let people = People::set_up(&mut stage)?;
        Ok(Self { stage, people, base: base.to_owned(), _apps: running })
    }

    /// Where pictures and what is between the steps of an application are left.
    pub fn folder(&self, app: App) -> PathBuf {
        self.base.join(app.name())
    }

    /// Where the result of an application is left.
    pub fn result(&self, app: App) -> PathBuf {
        self.base.join(format!("{}.json", app.name()))
    }

    /// Asks, has it countersigned, and opens.
    pub fn open(&mut self, app: App) -> anyhow::Result<Held> {
        folders::fresh(&self.folder(app))?;
        let Self { people, stage, .. } = self;
        let Stage { steps, desk, logs, .. } = stage;
        steps.take(&format!("A Session for {} is asked for, countersigned and opened", app.name()), || {
            let code = people.mara.code()?;
            people.mara.says(desk, &["code", &code])?;
            let mut ask = setup::request(app.organization()).to_vec();
            (ask[7], ask[8]) = ("read-write", "--minutes=30");
            let view = people.mara.says(desk, &ask)?;
            let request = view["id"].as_str().context("a request without an id")?.to_owned();
            people.approvers.reverse();
            let [approver, _] = &mut people.approvers;
            let code = approver.code()?;
            approver.says(desk, &["approve", &request, "--code", &code])?;
            let door = Door::open(desk, logs, &people.mara, &request, &format!("door-{}", app.name()))?;
            Ok(Held { request, door })
        })
    }

    /// Ends the Session and answers where its sealed Recording is, as the reviewer's computer verified it.
    pub fn end(&mut self, app: App, held: &Held) -> anyhow::Result<PathBuf> {
        let file = self.folder(app).join("recording.json");
        let Self { people, stage, .. } = self;
        let Stage { steps, desk, .. } = stage;
        steps.take(&format!("The Recording of {} checks out on the reviewer's computer", app.name()), || {
            people.mara.says(desk, &["end", &held.request])?;
            let end = Instant::now() + PATIENCE;
            let recording = loop {
                // A long one still arrives, and changes while it is read.
                let read: anyhow::Result<Value> = people.ines.says(desk, &["recording", &held.door.session]);
                match read {
                    Ok(recording) if recording["check"] != "running" && recording["check"] != "incomplete" => {
                        break recording;
                    }
                    Ok(recording) if Instant::now() > end => bail!("it was not sealed: {}", recording["detail"]),
                    Err(error) if Instant::now() > end => return Err(error),
                    _ => sleep(Duration::from_millis(500)),
                }
            };
            ensure!(recording["check"] == "checks-out", "{}", recording["detail"]);
            Ok(fs::write(&file, recording.to_string())?)
        })?;
        Ok(file)
    }
}

fn without_masks(targets: &str) -> String {
    let mut masks = false;
    let kept = targets.lines().filter(|line| {
        masks = line.trim() == "[targets.mask]" || (masks && !line.starts_with('['));
        !masks
    });
    kept.fold(String::new(), |text, line| text + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::without_masks;

    #[test]
    fn only_the_masks_are_taken_out() {
        let targets = "[[targets]]\na = 1\n[targets.mask]\njson = []\n\n[[organizations]]\nid = 1\n";
        assert_eq!(without_masks(targets), "[[targets]]\na = 1\n[[organizations]]\nid = 1\n");
    }
}
