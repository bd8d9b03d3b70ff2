use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::session::HOME;
use super::{Cast, door::Door, setup};
use crate::story::Stage;

/// What is taken away ends at once: one Grant by an approver, then a whole computer by an administrator.
pub(super) fn tell(stage: &mut Stage, cast: &mut Cast) -> anyhow::Result<()> {
    let request = stage.steps.take("A third session is asked for and countersigned", || {
        let view = cast.mara.says(&stage.desk, &setup::request("delmar-foods"))?;
        let id = view["id"].as_str().context("a request without an id")?.to_owned();
        let code = cast.adaeze.code()?;
        cast.adaeze.says(&stage.desk, &["approve", &id, "--code", &code])?;
        Ok(id)
    })?;
    stage.steps.measure("Tomasz revokes it while it is open, and its WebSocket dies within a second", || {
        let mut door = Door::open(&stage.desk, &stage.logs, &cast.mara, &request, "session-3")?;
        let mut socket = door.listen(&format!("{HOME}live"), &stage.logs)?;
        socket.wait(Duration::from_secs(10), |text| text.contains(" 101 ").then_some(()))?;
        let reason = "--reason=It was countersigned for the wrong ticket.";
        let began = Instant::now();
        let revoked = cast.tomasz.says(&stage.desk, &["revoke", "grant", &request, reason])?;
        socket.finish(Duration::from_secs(5))?;
        let took = began.elapsed();
        ensure!(revoked["ended"] == 1 && revoked["gateway"] == true, "the revocation: {revoked}");
        ensure!(took < Duration::from_secs(2), "the WebSocket died after {took:?}, the program's start counted");
        let reason = door.ended_by(Duration::from_secs(10))?;
        ensure!(reason == "revoked", "it was ended by {reason}");
        let view = cast.mara.says(&stage.desk, &["requests", &request])?;
        ensure!(view["endedBy"] == "revoked", "the request: {view}");
        Ok(((), format!("{} ms after the command was given", took.as_millis())))
    })?;
    stage.steps.take(
        "Ben revokes Mara's computer: it asks for nothing more, and he sees it among the others",
        || {
            let key = cast.mara.says(&stage.desk, &["key"])?;
            let key = key["key"].as_str().context("a computer without a key")?.to_owned();
            let code = cast.ben.code()?;
            let revoke = ["revoke", "device", &key, "--reason=The laptop was stolen on a train.", "--code", &code];
            cast.tomasz.is_refused(&stage.desk, &revoke, "missing-role")?;
            cast.ben.says(&stage.desk, &revoke)?;
            cast.mara.is_refused(&stage.desk, &["requests"], "revoked")?;
            cast.mara.is_refused(&stage.desk, &setup::request("delmar-foods"), "revoked")?;
            let devices = cast.ben.says(&stage.desk, &["devices"])?;
            let of_mara = devices.as_array().and_then(|all| all.iter().find(|one| one["device"] == key.as_str()));
            ensure!(of_mara.is_some_and(|one| one["revoked"] == true), "the computers: {devices}");
            Ok(())
        },
    )?;
    stage.steps.take(
        "Mara's computer makes another key, which the entry in the log allows; Tomasz's, whose key counts, does not",
        || {
            cast.tomasz.is_refused(&stage.desk, &["key", "--new"], "key-counts")?;
            let key = |state: &serde_json::Value| state["device"]["key"].as_str().unwrap_or_default().to_owned();
            let before = cast.mara.says(&stage.desk, &["status"])?;
            ensure!(
                before["step"] == "key-revoked" && before["revoked"]["by"] == "Ben Okafor",
                "her computer: {before}"
            );
            let after = cast.mara.says(&stage.desk, &["key", "--new"])?;
            ensure!(after["step"] == "sign-in" && key(&after) != key(&before), "it has {after}");
            cast.mara.is_refused(&stage.desk, &["requests"], "signed-out").map(drop)
        },
    )?;
    stage.steps.take("Both stand in the log, as the broker and as the gateway heard of them", || {
        let entries = cast.ines.entries(&stage.desk)?;
        for source in ["broker", "gateway"] {
            let heard = entries.iter().filter(|one| one["kind"] == "revoked" && one["source"] == source).count();
            ensure!(heard == 2, "{heard} entries of the {source}");
        }
        Ok(())
    })
}
