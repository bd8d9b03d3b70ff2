use anyhow::{Context as _, ensure};

use super::{Scene, Seat, Seats, access, by, entering};
use crate::desk::Desk;

/// Mara's other computer is out for good: its window says so, makes another key, and she gets in again once Ben let that one in.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let again = seats.mara_again.take().context("nobody sits at the second computer")?;
    scene.stage.steps.take("the computer that mara removed says who did it and why, and opens nothing", || {
        let said = again.window.text(&by("key-revoked"))?;
        for fact in ["Mara Lindqvist", access::WHY_OUT] {
            ensure!(said.contains(fact), "it does not say {fact}: {said}");
        }
        ensure!(again.window.count(&by("nav-approvals"))? == 0, "its pages are still there");
        Ok(())
    })?;
    scene.picture(&again, "18-key-revoked")?;
    let desk = &scene.stage.desk;
    scene.stage.steps.take("it makes another key, and nobody is signed in with the old one", || {
        let before = key(desk, &again)?;
        again.window.click(&by("new-key"))?;
        again.window.see(&by("sign-in"))?;
        ensure!(key(desk, &again)? != before, "it has the key that was revoked");
        again.person.is_refused(desk, &["requests"], "signed-out").map(drop)
    })?;
    entering::signs_in(scene, &again, false)?;
    scene.stage.steps.take("the new key counts for nothing until an administrator lets it in", || {
        again.window.see(&by("step-wait-for-enrolment"))?;
        again.person.is_refused(&scene.stage.desk, &["requests"], "not-enrolled").map(drop)
    })?;
    scene.picture(&again, "18-key-waits")?;
    entering::lets_in(scene, &mut seats.ben, 1)?;
    entering::enters_code(scene, "mara's second account is in again, with a code", &mut seats.mara, &again)?;
    scene.picture(&again, "18-key-in-again")
}

fn key(desk: &Desk, seat: &Seat) -> anyhow::Result<String> {
    let key = seat.person.says(desk, &["key"])?;
    key["key"].as_str().map(str::to_owned).context("the key has no thumbprint")
}
