use anyhow::{Context as _, ensure};

use super::Cast;
use crate::story::{Stage, people::Person};

/// Everybody joins, signs in, is enrolled and has a phone.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<()> {
    let join = stage.join_file().to_string_lossy().into_owned();
    let Stage { steps, desk, logs, .. } = stage;
    let everybody = [&cast.ben, &cast.mara, &cast.mara_again, &cast.tomasz, &cast.adaeze, &cast.ines];
    steps.take("Everybody opens the join file", || {
        everybody.iter().try_for_each(|person| person.says(desk, &["join", &join]).map(drop))
    })?;
    steps
        .take("Nobody asks before signing in", || cast.mara.is_refused(desk, &request("delmar-foods"), "signed-out"))?;
    steps.take("Everybody signs in at the provider", || {
        everybody.iter().try_for_each(|person| person.signs_in(desk, logs))
    })?;
    steps.take("A computer that nobody enrolled asks for nothing", || {
        cast.mara.is_refused(desk, &request("delmar-foods"), "not-enrolled")
    })?;
    steps.take("An administrator sets up one-time codes", || sets_up_codes(desk, &mut cast.ben))?;
    steps.take("The administrator enrols the others, each with a code of its own", || {
        let waiting = cast.ben.says(desk, &["enrolments"])?;
        let waiting = waiting.as_array().context("a list")?;
        for device in waiting {
            ensure!(device["check"] == "checks-out", "the sign-in behind a Device does not match: {device}");
            let (person, key) =
                (device["person"].as_str().context("a person")?, device["device"].as_str().context("a key")?);
            let code = cast.ben.code()?;
            cast.ben.says(desk, &["enrol", person, "--device", key, "--code", &code])?;
        }
        let left = cast.ben.says(desk, &["enrolments"])?;
        ensure!(left.as_array().is_some_and(Vec::is_empty), "some are still waiting: {left}");
        Ok(())
    })?;
    steps.take("The others set up one-time codes; one of them mistypes", || {
        for person in [&mut cast.mara, &mut cast.tomasz, &mut cast.adaeze, &mut cast.ines] {
            sets_up_codes(desk, person)?;
        }
        Ok(())
    })?;
    steps.take("Mara's second account has no phone of its own: it is Mara to us", || {
        let state = cast.mara_again.says(desk, &["status"])?;
        ensure!(state["step"] == "code", "the next step is {}", state["step"]);
        let code = cast.mara.code()?;
        cast.mara_again.says(desk, &["code", &code]).map(drop)
    })
}

/// What everybody types to ask for an Organization.
pub fn request(organization: &str) -> [&str; 9] {
    [
        "request",
        organization,
        "--ticket",
        "KP-48213",
        "--justification",
        "The October payroll shows two people twice; I look at their entries.",
        "--scope",
        "read",
        "--minutes=30",
    ]
}

pub fn sets_up_codes(desk: &crate::desk::Desk, person: &mut Person) -> anyhow::Result<()> {
    let shown = person.says(desk, &["enrol-code"])?;
    person.takes_secret(shown["secret"].as_str().context("a secret")?)?;
    let wrong = person.wrong_code()?;
    person.is_refused(desk, &["enrol-code", "--code", &wrong], "wrong-code")?;
    let code = person.code()?;
    person.says(desk, &["enrol-code", "--code", &code]).map(drop)
}
