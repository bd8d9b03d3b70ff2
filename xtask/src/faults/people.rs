//! The few people that a sweep needs, set up with as few codes as that takes: each code has to wait for the one before.

use anyhow::{Context as _, bail};

use crate::{
    desk::Desk,
    story::{Stage, line::setup::sets_up_codes, people::Person},
};

pub struct People {
    pub mara: Person,
    /// Two, who take turns.
    pub approvers: [Person; 2],
    pub ines: Person,
}

impl People {
    /// Everybody joins and signs in; each of the two first administrators enrols somebody.
    pub fn set_up(stage: &mut Stage) -> anyhow::Result<Self> {
        let [mut ben, mut sofia] = ["ben", "sofia"].map(Person::new);
        let [mut mara, mut tomasz, mut adaeze, mut ines] = ["mara", "tomasz", "adaeze", "ines"].map(Person::new);
        let join = stage.join_file().to_string_lossy().into_owned();
        let Stage { steps, desk, logs, .. } = stage;
        steps.take("Everybody joins and signs in", || {
            for person in [&ben, &sofia, &mara, &tomasz, &adaeze, &ines] {
                person.says(desk, &["join", &join])?;
                person.signs_in(desk, logs)?;
            }
            Ok(())
        })?;
        steps.take("They are enrolled and set up one-time codes", || {
            sets_up_codes(desk, &mut ben)?;
            sets_up_codes(desk, &mut sofia)?;
            enrol(desk, &mut ben, "Mara Lindqvist")?;
            enrol(desk, &mut sofia, "Ines Carvalho")?;
            enrol(desk, &mut ben, "Tomasz Wieczorek")?;
            enrol(desk, &mut sofia, "Adaeze Obi")?;
            [&mut mara, &mut tomasz, &mut adaeze, &mut ines]
                .into_iter()
                .try_for_each(|person| sets_up_codes(desk, person))
        })?;
        Ok(Self { mara, approvers: [tomasz, adaeze], ines })
    }
}

fn enrol(desk: &Desk, administrator: &mut Person, name: &str) -> anyhow::Result<()> {
    let waiting = administrator.says(desk, &["enrolments"])?;
    let devices = waiting.as_array().context("a list")?;
    let Some(device) = devices.iter().find(|device| device.to_string().contains(name)) else {
        bail!("{name} is not among {waiting}");
    };
    let (person, key) = (device["person"].as_str().context("a person")?, device["device"].as_str().context("a key")?);
    let code = administrator.code()?;
    administrator.says(desk, &["enrol", person, "--device", key, "--code", &code]).map(drop)
}
