use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};

use super::{Scene, Seat, Seats, by};
use crate::story::{Stage, people::Person, screen::Screen, webdriver::Page};

/// A screen, and a system browser that tells which address it was asked to open.
pub(super) fn screen(stage: &mut Stage) -> anyhow::Result<Scene<'_>> {
    let asked = stage.folder.join("state/asked");
    system_browser(&stage.folder.join("state"), &asked)?;
    let Stage { steps, desk, .. } = &mut *stage;
    let screen = steps.take("A screen with a window manager", || Screen::start(desk))?;
    Ok(Scene { stage, screen, asked })
}

/// The system's default browser becomes a program that writes down the address; a driven one visits it afterwards.
fn system_browser(state: &Path, asked: &Path) -> anyhow::Result<()> {
    let browser = state.join("browser");
    fs::write(&browser, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" > '{}'\n", asked.display()))?;
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755))?;
    let applications = state.join("home/.local/share/applications");
    fs::create_dir_all(&applications)?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\nMimeType=x-scheme-handler/http;\n",
        browser.display()
    );
    fs::write(applications.join("demo-browser.desktop"), entry)?;
    let default = "[Default Applications]\nx-scheme-handler/http=demo-browser.desktop\n";
    Ok(fs::write(state.join("home/.config/mimeapps.list"), default)?)
}

/// Four people open the app, one of them twice, join, sign in, are let in and take their phones.
pub(super) fn tell(scene: &mut Scene<'_>) -> anyhow::Result<Seats> {
    let mut ben = arrives(scene, Person::new("ben"), true)?;
    takes_phone(scene, &mut ben, true)?;
    let mut mara = arrives(scene, Person::new("mara"), false)?;
    let mut tomasz = arrives(scene, Person::new("tomasz"), false)?;
    let mut ines = arrives(scene, Person::new("ines"), false)?;
    lets_in(scene, &mut ben, 3)?;
    for seat in [&mut mara, &mut tomasz, &mut ines] {
        takes_phone(scene, seat, false)?;
    }
    // Only now: of two windows that show one person a secret, the later one's counts.
    let mara_again = arrives(scene, Person::of("mara-admin", "mara.admin"), false)?;
    lets_in(scene, &mut ben, 1)?;
    let what = "mara's second account needs no phone of its own: it is mara to the app";
    enters_code(scene, what, &mut mara, &mara_again)?;
    Ok(Seats { ben, mara, mara_again: Some(mara_again), tomasz, ines, hostile_request: None })
}

/// Types into the window of Mara's second account what her phone shows.
pub(super) fn enters_code(scene: &mut Scene<'_>, what: &str, mara: &mut Seat, again: &Seat) -> anyhow::Result<()> {
    scene.stage.steps.take(what, || {
        let code = mara.person.code()?;
        again.window.fill(&by("code-field"), &code)?;
        again.window.click(&by("enter-code"))?;
        again.window.see(&by("nav-approvals"))
    })
}

fn arrives(scene: &mut Scene<'_>, person: Person, pictures: bool) -> anyhow::Result<Seat> {
    let account = person.account;
    let window = scene.stage.steps.take(&format!("{account} opens the app"), || {
        let window = Page::app(&scene.stage.desk, person.profile, &scene.stage.logs)?;
        window.see(&by("join-text"))?;
        Ok(window)
    })?;
    let seat = Seat { person, window };
    if pictures {
        scene.picture(&seat, "01-first-start")?;
    }
    let join = fs::read_to_string(scene.stage.join_file())?;
    scene.stage.steps.take(&format!("{account} opens the join file"), || {
        seat.window.put(&by("join-text"), &join)?;
        seat.window.click(&by("join"))?;
        seat.window.see(&by("sign-in"))
    })?;
    signs_in(scene, &seat, pictures)?;
    Ok(seat)
}

pub(super) fn signs_in(scene: &mut Scene<'_>, seat: &Seat, pictures: bool) -> anyhow::Result<()> {
    let account = seat.person.account;
    let _ = fs::remove_file(&scene.asked);
    let asked = scene.asked.clone();
    let address =
        scene.stage.steps.take(&format!("{account} asks to sign in, and the system browser opens"), || {
            seat.window.click(&by("sign-in"))?;
            address_asked(&asked)
        })?;
    if pictures {
        scene.picture(seat, "02-match-code")?;
    }
    let code = seat.window.text(&by("match-code"))?;
    let (shown, provider) = (scene.file("03-browser"), scene.file("04-provider"));
    let Stage { steps, desk, logs, .. } = &mut *scene.stage;
    steps.take(&format!("{account} compares the code and signs in at the provider"), || {
        let browser = Page::browser(desk, logs)?;
        browser.visit(&address)?;
        let same = browser.text("//*[@id='match-code']")?;
        ensure!(same == code, "the browser shows {same}, the window {code}");
        if pictures {
            browser.picture(&shown)?;
        }
        browser.click("//*[@id='continue']")?;
        browser.see(&account_button(account))?;
        if pictures {
            browser.picture(&provider)?;
        }
        browser.click(&account_button(account))?;
        browser.read("You are signed in")
    })
}

fn account_button(account: &str) -> String {
    format!("//button[@value='{account}']")
}

fn address_asked(asked: &Path) -> anyhow::Result<String> {
    let end = Instant::now() + Duration::from_secs(15);
    loop {
        if let Some(address) = fs::read_to_string(asked).ok().filter(|text| text.ends_with('\n')) {
            return Ok(address.trim().to_owned());
        }
        if Instant::now() > end {
            bail!("the system browser was not asked to open anything");
        }
        sleep(Duration::from_millis(50));
    }
}

pub(super) fn lets_in(scene: &mut Scene<'_>, ben: &mut Seat, count: usize) -> anyhow::Result<()> {
    scene.stage.steps.take("ben sees the computers that wait", || {
        ben.window.click(&by("nav-approvals"))?;
        ben.window.see(&format!("({})[{count}]", by("enrol")))
    })?;
    if count > 1 {
        scene.picture(ben, "06-enrolments")?;
    }
    scene.stage.steps.take("ben lets them in, each with a code of its own", || {
        for left in (1..=count).rev() {
            ben.window.see(&format!("({})[{left}]", by("enrol")))?;
            let code = ben.person.code()?;
            ben.window.click(&format!("({})[1]", by("enrol")))?;
            ben.window.fill(&by("code-field"), &code)?;
            ben.window.click(&by("confirm-enrol"))?;
            ben.window.gone(&format!("({})[{left}]", by("enrol")))?;
        }
        Ok(())
    })
}

fn takes_phone(scene: &mut Scene<'_>, seat: &mut Seat, pictures: bool) -> anyhow::Result<()> {
    let account = seat.person.account;
    scene.stage.steps.take(&format!("{account}'s window goes on by itself and shows the QR code"), || {
        seat.window.see(&by("totp-secret"))
    })?;
    if pictures {
        scene.picture(seat, "05-one-time-codes")?;
    }
    scene.stage.steps.take(&format!("{account} takes the secret and types a code"), || {
        seat.person.takes_secret(&seat.window.text(&by("totp-secret"))?)?;
        let code = seat.person.code()?;
        seat.window.fill(&by("code-field"), &code)?;
        seat.window.click(&by("confirm-second-factor"))?;
        seat.window.see(&by("recovery-codes")).context("no recovery codes were shown")?;
        seat.window.click(&by("codes-are-safe"))?;
        seat.window.click(&by("codes-done"))?;
        seat.window.see(&by("nav-access")).context("the window did not open")
    })
}
