use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::{Scene, Seat, Seats, by};
use crate::{desk::Desk, story::people::Person};

/// The request of the Session in which Mara opened a person's page.
const TICKET: &str = "KP-48213";
const ORGANIZATION: &str = "delmar-foods";
/// What the page says of a person and the record does not.
const RULE: &str = "e-mail";
const WHY: &str = "The bank says that a letter about this person went to somebody else.";
/// A desktop looks at the log four times a minute.
const LEARNS: Duration = Duration::from_secs(45);
/// A question that is open over the page: the page may have a field for a code, too.
const QUESTION: &str = "//*[@role='dialog']";

/// Ines asks to see what one mark stands for, Tomasz countersigns it, and she alone reads the value until she hides it.
pub(super) fn tell(scene: &mut Scene<'_>, seats: &mut Seats) -> anyhow::Result<()> {
    let session = session(&scene.stage.desk, &seats.mara.person)?;
    let (ines, tomasz) = (&seats.ines.window, &seats.tomasz.window);
    scene.stage.steps.take("tomasz waits at his approvals, where no mark is to be opened", || {
        tomasz.click(&by("nav-approvals"))?;
        tomasz.gone("//*[starts-with(@data-testid,'to-open-')]")
    })?;
    scene.stage.steps.take("ines replays the session in which a person's page was open", || {
        ines.click(&by("nav-sessions"))?;
        ines.click(&format!("{}/*[3]", by(&format!("row-{session}"))))?;
        ines.read_within("proven", Duration::from_secs(20))?;
        ines.click(&by("replay"))?;
        ines.see("//*[@data-testid='stage'][@data-phase='loaded']")
    })?;
    let mark = scene.stage.steps.take("she goes to where a mark stands, and presses it on the page", || {
        ines.click(&by("tab-marks"))?;
        let row = format!("//*[@class='marks-list']/li[contains(.,'[masked {RULE} ')]");
        let mark = mark_in(&ines.text(&row)?)?.1.to_owned();
        ines.click(&format!("{row}//button"))?;
        ines.press_in_replay(&by("stage"), &format!("[masked {RULE} {mark}]"))?;
        ines.read("Ask to open 1")?;
        Ok(mark)
    })?;
    scene.picture(&seats.ines, "24-marks")?;
    asks(scene, &mut seats.ines, &mark)?;
    countersigns(scene, &mut seats.tomasz, &mark)?;
    reads(scene, seats, &mark)
}

fn session(desk: &Desk, mara: &Person) -> anyhow::Result<String> {
    let own = mara.says(desk, &["requests"])?;
    let is_it = |one: &&serde_json::Value| one["ticket"] == TICKET && one["extends"].is_null();
    let found = own.as_array().and_then(|all| all.iter().find(is_it)).context("no request of this ticket")?;
    found["session"].as_str().map(str::to_owned).context("a request without a session")
}

/// Rule and digits of the first mark that a line shows.
pub(super) fn mark_in(line: &str) -> anyhow::Result<(&str, &str)> {
    let inner = line.split("[masked ").nth(1).and_then(|rest| rest.split(']').next());
    let (rule, digits) = inner.and_then(|mark| mark.rsplit_once(' ')).with_context(|| format!("no mark in {line}"))?;
    ensure!(digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "a mark of {digits}");
    Ok((rule, digits))
}

fn asks(scene: &mut Scene<'_>, ines: &mut Seat, mark: &str) -> anyhow::Result<()> {
    scene.stage.steps.take("ines says why she needs it, and types a code for exactly this mark", || {
        ines.window.click(&by("ask-to-open"))?;
        let marks = ines.window.text(&by("reveal-marks"))?;
        ensure!(marks.trim() == format!("[masked {RULE} {mark}]"), "it is asked for {marks}");
        ines.window.fill(&by("reveal-why"), WHY)?;
        let code = ines.person.code()?;
        ines.window.fill(&format!("{QUESTION}{}", by("code-field")), &code)
    })?;
    scene.picture(ines, "24-marks-asking")?;
    scene.stage.steps.take("she signs, and it waits for a second person", || {
        ines.window.click(&by("confirm-reveal"))?;
        ines.window.gone(QUESTION)?;
        ines.window.see(&by("reveal-waiting"))?;
        ensure!(ines.window.count(&by("show-values"))? == 0, "her window offers the value");
        Ok(())
    })?;
    scene.picture(ines, "24-marks-waiting")
}

fn countersigns(scene: &mut Scene<'_>, tomasz: &mut Seat, mark: &str) -> anyhow::Result<()> {
    scene.stage.steps.measure("tomasz's desktop learns of it by itself", || {
        let asked = std::time::Instant::now();
        tomasz.window.read_within("Marks to open", LEARNS)?;
        tomasz.window.read("Ines Carvalho, in Mara Lindqvist’s session")?;
        Ok(((), format!("{:.1} s later", asked.elapsed().as_secs_f64())))
    })?;
    scene.stage.steps.take("he reads what he signs for: whose session, why, the digits, and no value", || {
        tomasz.window.click("//*[starts-with(@data-testid,'to-open-')]//*[@data-testid='reveal']")?;
        let facts = tomasz.window.text(&by("reveal-facts"))?;
        for fact in ["Ines Carvalho", "Mara Lindqvist", ORGANIZATION, mark] {
            ensure!(facts.contains(fact), "it does not say {fact}: {facts}");
        }
        tomasz.window.read(WHY)?;
        let code = tomasz.person.code()?;
        tomasz.window.fill(&format!("{QUESTION}{}", by("code-field")), &code)
    })?;
    scene.picture(tomasz, "24-marks-countersigning")?;
    scene.stage.steps.take("he countersigns with a code", || {
        tomasz.window.click(&by("confirm-countersign-reveal"))?;
        tomasz.window.gone(QUESTION)?;
        tomasz.window.read("Countersigned. Ines Carvalho can read the values")?;
        tomasz.window.gone("//*[starts-with(@data-testid,'to-open-')]")
    })
}

fn reads(scene: &mut Scene<'_>, seats: &Seats, mark: &str) -> anyhow::Result<()> {
    let (ines, tomasz, desk) = (&seats.ines, &seats.tomasz, &scene.stage.desk);
    let readings = |expected: usize| {
        let entries = ines.person.entries(desk)?;
        let count = entries.iter().filter(|entry| entry["kind"] == "marks-read").count();
        ensure!(count == expected, "the log says that marks were read {count} times, not {expected}");
        Ok(())
    };
    scene.stage.steps.take("ines's window offers the value by itself, and shows none before she presses", || {
        ines.window.read_within("Open to you for", LEARNS)?;
        ensure!(ines.window.count(&by("values"))? == 0, "it is shown already");
        readings(0)
    })?;
    let value = scene.stage.steps.take("she presses, and reads it; the log says so", || {
        ines.window.click(&by("show-values"))?;
        let shown = ines.window.text(&by("values"))?;
        ensure!(shown.contains(mark), "it is another mark's: {shown}");
        let value = ines.window.text(&format!("{}//dd", by("values")))?.trim().to_owned();
        let is_address = value.contains('@') && !value.contains(char::is_whitespace) && !value.contains("masked");
        ensure!(is_address, "{value} is no address");
        readings(1)?;
        Ok(value)
    })?;
    scene.picture(&seats.ines, "24-marks-values")?;
    let (ines, tomasz) = (&ines.window, &tomasz.window);
    scene.stage.steps.take("nobody else is shown it, and Hide hides it", || {
        ensure!(!tomasz.html()?.contains(&value), "tomasz's window has the value");
        ines.click(&by("hide-values"))?;
        ines.gone(&by("values"))?;
        ensure!(!ines.html()?.contains(&value), "the value is still on the page");
        ines.see(&by("show-values"))
    })?;
    scene.picture(&seats.ines, "24-marks-hidden")
}

#[cfg(test)]
mod tests {
    use super::mark_in;

    #[test]
    fn the_digits_of_a_mark_are_read_from_its_line() {
        let line = "[masked e-mail 7f3a91c2d0b4e6f8]\n14:05:11 twice";
        assert_eq!(mark_in(line).ok(), Some(("e-mail", "7f3a91c2d0b4e6f8")));
        assert_eq!(mark_in("[masked tax number 7f3a91c2d0b4e6f8]").ok(), Some(("tax number", "7f3a91c2d0b4e6f8")));
        for other in ["[masked 7f3a91c2d0b4e6f8]", "[masked e-mail 7f3a]", "7f3a91c2d0b4e6f8", ""] {
            assert!(mark_in(other).is_err(), "{other}");
        }
    }
}
