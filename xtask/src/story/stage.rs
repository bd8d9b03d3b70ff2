use std::path::PathBuf;

use anyhow::Context as _;

use super::{Steps, people::Person};
use crate::{
    desk::Desk,
    services::{Provider, Services},
};

/// Everything that the story happens on, from a clean state.
pub struct Stage {
    pub folder: PathBuf,
    pub logs: PathBuf,
    pub steps: Steps,
    pub services: Services,
    pub desk: Desk,
}

impl Stage {
    /// Starts everything under this folder, which is clean; `ben` and `sofia` are the first administrators. `targets` describe services
    /// beside payroll.
    pub fn set(
        folder: PathBuf,
        targets: &[PathBuf],
        make_desk: impl FnOnce(&std::path::Path, &std::path::Path) -> anyhow::Result<Desk>,
    ) -> anyhow::Result<Self> {
        let (state, logs) = (folder.join("state"), folder.join("logs"));
        std::fs::create_dir_all(&state)?;
        let mut steps = Steps::new(&folder.join("story.json"));
        let desk = steps.take("A desk with a keyring of its own", || make_desk(&state, &logs))?;
        let administrators = steps.take("The first administrators' computers make their keys", || {
            ["ben", "sofia"].map(|account| thumbprint(&desk, account)).into_iter().collect::<anyhow::Result<Vec<_>>>()
        })?;
        let services = steps.take("Identity provider, broker, gateway, audit and payroll start", || {
            Services::start(&state, &logs, Provider::start(&state, &logs)?, &administrators, targets)
        })?;
        std::fs::copy(services.dir.join("trust.json"), folder.join("trust.json")).context("the trust file")?;
        Ok(Self { folder, logs, steps, services, desk })
    }

    /// Where the installation's join file is.
    pub fn join_file(&self) -> PathBuf {
        self.services.dir.join("join.json")
    }
}

fn thumbprint(desk: &Desk, account: &'static str) -> anyhow::Result<String> {
    let key = Person::new(account).says(desk, &["key"])?;
    key["key"].as_str().map(str::to_owned).context("the key has no thumbprint")
}
