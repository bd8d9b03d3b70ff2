use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::{Cast, door::Door, session::HOME};
use crate::story::{Stage, verifier};

const WHERE: &str = "delmar-foods";

/// Nobody can be found: what two administrators signed in advance opens once, everybody is told, and somebody else reviews it.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<()> {
    let Stage { steps, desk, logs, folder, .. } = stage;
    let propose = ["break-glass", "propose", "--person=e-1041", "--organization", WHERE, "--minutes=30", "--code"];
    let why = "--reason=Payroll runs on Sunday, and nobody may be awake.";
    let permission = steps.take("Ben prepares for an emergency; alone he permits nothing, nor does Mara", || {
        let code = cast.mara.code()?;
        cast.mara.is_refused(desk, &[&propose[..], &[&code, why]].concat(), "missing-role")?;
        let code = cast.ben.code()?;
        let own = ["break-glass", "propose", "--person=e-1002", "--organization", WHERE, why, "--code", &code];
        cast.ben.is_refused(desk, &own, "names-its-signer")?;
        let list = cast.ben.says(desk, &[&propose[..], &[&code, why]].concat())?;
        ensure!(list["permissions"].as_array().is_some_and(Vec::is_empty), "permitted: {list}");
        let id = list["proposed"][0]["id"].as_str().context("nothing is proposed")?.to_owned();
        let code = cast.ben.code()?;
        cast.ben.is_refused(desk, &["break-glass", "sign", &id, "--code", &code], "same-person")?;
        Ok(id)
    })?;
    steps.take("Sofia signs exactly the same", || {
        let code = cast.sofia.code()?;
        let list = cast.sofia.says(desk, &["break-glass", "sign", &permission, "--code", &code])?;
        ensure!(list["permissions"][0]["by"].as_array().is_some_and(|by| by.len() == 2), "signed by: {list}");
        let named = cast.mara.says(desk, &["break-glass", "list"])?;
        ensure!(named["permissions"][0]["id"] == permission.as_str(), "Mara sees {named}");
        Ok(())
    })?;
    let uses = |ticket: &'static str| {
        [
            "break-glass",
            "use",
            &permission,
            WHERE,
            ticket,
            "--justification=The payroll run stands still, nobody answers.",
        ]
        .map(str::to_owned)
    };
    let session = steps.take("Mara opens by it, with nobody's countersignature, and everything is recorded", || {
        let asked = uses("--ticket=KP-911");
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        let view = cast.mara.says(desk, &asked)?;
        let id = view["id"].as_str().context("a request without an id")?.to_owned();
        let code = cast.mara.code()?;
        cast.mara.says(desk, &["code", &code])?;
        let mut door = Door::open(desk, logs, &cast.mara, &id, "session-break-glass")?;
        let page = door.ask(HOME, &[])?;
        ensure!(page.status == 200 && page.body.contains("Delmar Foods"), "{}: {}", page.status, page.body);
        cast.mara.says(desk, &["end", &id])?;
        door.ended_by(Duration::from_secs(10))?;
        Ok(door.session)
    })?;
    steps.take("It was good for once", || {
        let again = uses("--ticket=KP-912");
        let again: Vec<&str> = again.iter().map(String::as_str).collect();
        cast.mara.is_refused(desk, &again, "permission-used-up").map(drop)
    })?;
    steps.take("The audit service itself tells who was not asked; Mara is told nothing", || {
        for who in [&cast.tomasz, &cast.adaeze, &cast.ben] {
            let told = who.says(desk, &["break-glass", "notices"])?;
            ensure!(told[0]["session"] == session.as_str() && told[0]["reviewed"] == false, "{told}");
        }
        let told = cast.mara.says(desk, &["break-glass", "notices"])?;
        ensure!(told.as_array().is_some_and(Vec::is_empty), "Mara is told {told}");
        Ok(())
    })?;
    steps.take("It is a duty until Ines has reviewed it; Mara may not", || {
        let duties = cast.ines.says(desk, &["break-glass", "duties"])?;
        ensure!(duties[0]["id"] == session.as_str(), "the duties: {duties}");
        let review = ["review", &session, "nothing-to-report", "--note", "One page read, as the ticket says."];
        cast.mara.is_refused(desk, &review, "missing-role")?;
        cast.ines.says(desk, &review)?;
        let duties = cast.ines.says(desk, &["break-glass", "duties"])?;
        ensure!(duties.as_array().is_some_and(Vec::is_empty), "the duties: {duties}");
        Ok(())
    })?;
    steps.take("Its evidence says who signed in advance, who was told and that it was reviewed", || {
        let (file, page) = (folder.join("break-glass.evidence"), folder.join("break-glass.html"));
        cast.ines.says(desk, &["evidence", &session, "--out", &file.to_string_lossy()])?;
        let signed = "signed exactly this permission in advance";
        verifier::accepts_saying(signed, &folder.join("trust.json"), &file, &page)?;
        let said = std::fs::read_to_string(&page)?;
        for words in
            ["it was opened by break-glass", "people who were not asked", "The review that break-glass asks for"]
        {
            ensure!(said.contains(words), "the summary does not say: {words}");
        }
        Ok(())
    })
}
