use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{Scene, Seats, by};

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
    scene.picture(&seats.mara, "08-request")?;
    let asked = Instant::now();
    scene.stage.steps.take("mara signs and requests", || {
        mara.click(&by("sign-request"))?;
        mara.see(&by("withdraw"))
    })?;
    scene.stage.steps.take("tomasz's desktop learns of it by itself", || {
        tomasz.read("KP-48213")?;
        ensure!(asked.elapsed() < Duration::from_secs(6), "it took {:?}", asked.elapsed());
        tomasz.read("Signature checks out")
    })?;
    scene.picture(&seats.tomasz, "09-approval")?;
    scene.picture(&seats.mara, "10-waiting")?;
    scene.stage.steps.take("tomasz countersigns with a code", || {
        let code = seats.tomasz.person.code()?;
        tomasz.fill(&by("code-field"), &code)?;
        tomasz.click(&by("countersign"))?;
        tomasz.see(&by("told"))
    })?;
    scene.picture(&seats.tomasz, "11-countersigned")?;
    scene.stage.steps.take("mara's window offers the session", || mara.see(&by("open-session")))?;
    scene.picture(&seats.mara, "12-access-granted")
}
