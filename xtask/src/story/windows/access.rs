use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use super::{Scene, Seat, Seats, by};

/// Within this an approver's desktop has to know of a request.
const PUSH: Duration = Duration::from_secs(2);

/// Why Mara's other computer is taken out.
pub(super) const WHY_OUT: &str = "It was left on a train.";

const TEXT: &str = "The October payroll shows two people twice; I look at their entries.";

/// Mara asks, Tomasz countersigns, Mara sees that the door is hers to open.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let (mara, tomasz) = (&seats.mara.window, &seats.tomasz.window);
    scene.picture(&seats.mara, "07-access-empty")?;
    scene.stage.steps.take("tomasz waits at his approvals", || tomasz.click(&by("nav-approvals")))?;
    scene.stage.steps.take("mara fills in the form", || {
        mara.click(&by("request-access"))?;
        mara.fill(&by("ticket"), "KP-48213")?;
        mara.fill(&by("organization"), "Delmar")?;
        mara.click(&by("organization-delmar-foods"))?;
        mara.fill(&by("justification"), TEXT)?;
        mara.click(&by("scope-read"))?;
        mara.click(&by("duration-1800"))
    })?;
    scene.pictures(&seats.mara, "08-request")?;
    scene.stage.steps.measure(
        "mara signs and requests; tomasz's desktop learns of it by itself within two seconds",
        || {
            mara.click(&by("sign-request"))?;
            let asked = Instant::now();
            tomasz.read("KP-48213")?;
            let learned = asked.elapsed();
            ensure!(learned < PUSH, "it took {learned:?}");
            Ok(((), format!("{:.2} s after the click", learned.as_secs_f64())))
        },
    )?;
    scene.stage.steps.take("mara's window shows that it waits, and tomasz's that her signature checks out", || {
        mara.see(&by("withdraw"))?;
        tomasz.read("Signature checks out")
    })?;
    refuses_second_account(scene, seats)?;
    let (mara, tomasz) = (&seats.mara.window, &seats.tomasz.window);
    scene.pictures(&seats.tomasz, "09-approval")?;
    scene.picture(&seats.mara, "10-waiting")?;
    scene.stage.steps.take("tomasz countersigns with a code", || {
        let code = seats.tomasz.person.code()?;
        tomasz.fill(&by("code-field"), &code)?;
        tomasz.click(&by("countersign"))?;
        tomasz.see(&by("told"))
    })?;
    scene.picture(&seats.tomasz, "11-countersigned")?;
    scene.stage.steps.take("mara's window offers the session", || mara.see(&by("open-session")))?;
    scene.pictures(&seats.mara, "12-access-granted")
}

/// Mara's other account is an approver's at the provider; its window offers no signature, and its program signs none.
fn refuses_second_account(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let again = seats.mara_again.take().context("nobody sits at the second computer")?;
    let shown = scene.file("09-second-account");
    let desk = &scene.stage.desk;
    scene.stage.steps.take("mara's second account may not countersign it, in the window and without", || {
        let list = again.person.says(desk, &["requests", "inbox"])?;
        let request = list.as_array().and_then(|list| list.iter().find(|one| one["ticket"] == "KP-48213"));
        if let Some(request) = request {
            ensure!(request["decidable"] == false, "it may decide {request}");
        }
        again.window.click(&by("nav-approvals"))?;
        std::thread::sleep(Duration::from_millis(1500));
        again.window.picture(&shown)?;
        let offered =
            again.window.script("return document.querySelectorAll(\"[data-testid='countersign']\").length")?;
        ensure!(offered == 0, "the window offers {offered} signatures");
        let mine = seats.mara.person.says(desk, &["requests"])?;
        let id = mine[0]["id"].as_str().context("no request")?;
        let code = seats.mara.person.code()?;
        again.person.is_refused(desk, &["approve", id, "--code", &code], "same-person").map(drop)
    })?;
    takes_out(scene, seats, &again)?;
    seats.mara_again = Some(again);
    Ok(())
}

/// That other computer is hers as well: Settings show it, and she removes it from the first one.
fn takes_out(scene: &mut Scene<'_>, seats: &mut Seats, again: &Seat) -> anyhow::Result<()> {
    let listed = scene.file("09-own-computers");
    let (mara, desk) = (&mut seats.mara, &scene.stage.desk);
    scene.stage.steps.take("mara sees both of her computers in Settings, and removes that one with a code", || {
        mara.window.click(&by("nav-settings"))?;
        let remove = "return [...document.querySelectorAll('#settings-devices li')].filter(one => !one.querySelector('.tag'))\
                      .map(one => one.querySelector('button').dataset.testid)";
        mara.window.see("(//*[starts-with(@data-testid,'own-')])[2]")?;
        let other = mara.window.script(remove)?;
        let [other] = other.as_array().map_or(&[][..], Vec::as_slice) else { bail!("her others: {other}") };
        mara.window.picture(&listed)?;
        mara.window.click(&by(other.as_str().context("no button")?))?;
        mara.window.fill(&by("revoke-reason"), WHY_OUT)?;
        let code = mara.person.code()?;
        mara.window.fill(&by("code-field"), &code)?;
        mara.window.click(&by("confirm-revoke"))?;
        mara.window.read("Removed")?;
        again.person.is_refused(desk, &["requests"], "revoked")?;
        mara.window.click(&by("nav-access"))
    })
}
