use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::{Cast, door::Door, session::HOME, setup};
use crate::story::{Stage, verifier};

/// Two administrators put a stricter policy in force; everybody who verifies goes by it from then on.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<()> {
    let join = stage.join_file().to_string_lossy().into_owned();
    let Stage { steps, desk, logs, folder, .. } = stage;
    steps.take("Sofia, the other first administrator, joins and signs in", || {
        cast.sofia.says(desk, &["join", &join])?;
        cast.sofia.signs_in(desk, logs)?;
        setup::sets_up_codes(desk, &mut cast.sofia)
    })?;
    let before = steps.take("Mara asks under the policy that everybody pins", || {
        let view = cast.mara.says(desk, &setup::request("delmar-foods"))?;
        view["id"].as_str().map(str::to_owned).context("a request without an id")
    })?;
    let file = folder.join("stricter.policy");
    let digest = steps.take("Ben proposes a stricter policy; alone he cannot put it in force, nor can Mara", || {
        let list = cast.mara.says(desk, &["policy", "list"])?;
        let pinned = list["adopted"][0]["digest"].as_str().context("no policy is in force")?.to_owned();
        let text = cast.ben.says(desk, &["policy", "text", &pinned])?;
        let text = text["text"].as_str().context("a policy without a text")?;
        let stricter = text.replace("\"version\": 1", "\"version\": 2").replace("<= 7200", "<= 3600");
        std::fs::write(&file, stricter)?;
        let (file, why) = (file.to_string_lossy(), "--comment=Read for an hour is enough.");
        let propose = ["policy", "propose", &file, why, "--code"];
        let code = cast.mara.code()?;
        cast.mara.is_refused(desk, &[&propose[..], &[&code]].concat(), "missing-role")?;
        let code = cast.ben.code()?;
        let list = cast.ben.says(desk, &[&propose[..], &[&code]].concat())?;
        ensure!(list["adopted"].as_array().is_some_and(|all| all.len() == 1), "in force: {list}");
        let digest = list["proposed"][0]["digest"].as_str().context("nothing is proposed")?.to_owned();
        let code = cast.ben.code()?;
        cast.ben.is_refused(desk, &["policy", "adopt", &digest, why, "--code", &code], "same-person")?;
        Ok(digest)
    })?;
    steps.take(
        "Ines asks it about all that was asked so far, as the log tells it: what it would have refused",
        || {
            let long = [&setup::request("delmar-foods")[..8], &["--minutes=90"]].concat();
            cast.mara.says(desk, &long)?;
            let file = file.to_string_lossy();
            let asked = ["policy", "diff", &file, "--from", "2020-01-01"];
            cast.mara.is_refused(desk, &asked, "missing-role")?;
            let said = cast.ines.says(desk, &asked)?;
            let requests = said["asked"]["requests"].as_array().context("nothing was asked")?;
            let refused = |policy: &str| requests.iter().filter(|one| one[policy]["refused"].is_object()).count();
            ensure!(requests.len() > 3 && refused("new") > refused("old"), "of {}: {said}", requests.len());
            ensure!(
                said["count"].as_str().is_some_and(|count| count.contains("1 refused")),
                "the count: {}",
                said["count"]
            );
            Ok(())
        },
    )?;
    steps.take("Sofia reads the text, and signs for exactly that", || {
        let text = cast.sofia.says(desk, &["policy", "text", &digest])?;
        ensure!(text["text"].as_str() == Some(&std::fs::read_to_string(&file)?), "it is another text");
        let why = "--comment=Compared with the ticket of Monday.";
        let code = cast.sofia.code()?;
        let list = cast.sofia.says(desk, &["policy", "adopt", &digest, why, "--code", &code])?;
        ensure!(list["adopted"][1]["digest"] == digest.as_str(), "in force: {list}");
        ensure!(list["adopted"][1]["by"].as_array().is_some_and(|by| by.len() == 2), "adopted by: {list}");
        Ok(())
    })?;
    steps.take("What was asked before is asked again, and more than an hour is refused", || {
        let code = cast.adaeze.code()?;
        cast.adaeze.is_refused(desk, &["approve", &before, "--code", &code], "other-policy")?;
        let long = [&setup::request("delmar-foods")[..8], &["--minutes=61"]].concat();
        cast.mara.is_refused(desk, &long, "duration-out-of-policy").map(drop)
    })?;
    let session =
        steps.take("A session opens under it: gateway, audit service and payroll service went along", || {
            let view = cast.mara.says(desk, &setup::request("delmar-foods"))?;
            let id = view["id"].as_str().context("a request without an id")?.to_owned();
            let code = cast.adaeze.code()?;
            cast.adaeze.says(desk, &["approve", &id, "--code", &code])?;
            let mut door = Door::open(desk, logs, &cast.mara, &id, "session-policy")?;
            let page = door.ask(HOME, &[])?;
            ensure!(page.status == 200 && page.body.contains("Delmar Foods"), "{}: {}", page.status, page.body);
            cast.mara.says(desk, &["end", &id])?;
            door.ended_by(Duration::from_secs(10))?;
            Ok(door.session)
        })?;
    steps.take("Its evidence proves who put the policy in force, from the one that is pinned", || {
        let (file, page) = (folder.join("adopted.evidence"), folder.join("adopted.html"));
        cast.ines.says(desk, &["evidence", &session, "--out", &file.to_string_lossy()])?;
        verifier::accepts(&folder.join("trust.json"), &file, &page)?;
        let said = std::fs::read_to_string(&page)?;
        ensure!(said.contains("adopted version 2 of the policy"), "the summary does not say who adopted it");
        Ok(())
    })
}
