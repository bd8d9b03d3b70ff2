use anyhow::{Context as _, ensure};

use super::{Cast, setup};
use crate::story::Stage;

/// A request is asked for, refused to the wrong people, and countersigned. Answers its id.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<String> {
    let Stage { steps, desk, .. } = stage;
    steps.take("Organizations are listed", || {
        let list = cast.mara.says(desk, &["organizations"])?;
        ensure!(list.as_array().is_some_and(|list| list.len() == 5), "not five Organizations: {list}");
        Ok(())
    })?;
    steps.take("What policy forbids is not even asked", || {
        let mut forbidden = setup::request("delmar-foods").to_vec();
        forbidden[7] = "administer";
        cast.mara.is_refused(desk, &forbidden, "scope-not-for-reason")
    })?;
    let request = steps.take("Mara asks for Read on Delmar Foods for 30 minutes", || {
        let view = cast.mara.says(desk, &setup::request("delmar-foods"))?;
        ensure!(view["state"] == "waiting", "the request is {}", view["state"]);
        view["id"].as_str().map(str::to_owned).context("a request without an id")
    })?;
    steps.take("Mara cannot countersign it herself, nor with her second account", || {
        let code = cast.mara.code()?;
        let approve = ["approve", &request, "--code", &code];
        cast.mara.is_refused(desk, &approve, "same-person")?;
        cast.mara_again.is_refused(desk, &approve, "same-person")
    })?;
    steps.take("Tomasz sees it, and Mara's signature checks out on his computer", || {
        let inbox = cast.tomasz.says(desk, &["requests", "inbox"])?;
        let view = inbox.as_array().and_then(|list| list.iter().find(|view| view["id"] == request.as_str()));
        let view = view.with_context(|| format!("the request is not in {inbox}"))?;
        ensure!(view["left"]["check"] == "checks-out", "the signature: {}", view["left"]);
        Ok(())
    })?;
    let code = steps.take("A wrong code countersigns nothing", || {
        let wrong = cast.tomasz.wrong_code()?;
        cast.tomasz.is_refused(desk, &["approve", &request, "--code", &wrong], "wrong-code")?;
        cast.tomasz.code()
    })?;
    steps.take("Tomasz countersigns with a code for exactly this decision", || {
        let view = cast.tomasz.says(desk, &["approve", &request, "--code", &code, "--comment", "Go ahead."])?;
        ensure!(view["state"] == "approved", "the request is {}", view["state"]);
        Ok(())
    })?;
    steps.take("The same code is good once, and a second decision is too late", || {
        cast.tomasz.is_refused(desk, &["code", &code], "code-used")?;
        let code = cast.adaeze.code()?;
        cast.adaeze.is_refused(desk, &["approve", &request, "--code", &code], "already-decided")
    })?;
    Ok(request)
}
