//! The people of the story, each with a computer's profile and a phone.

use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, bail};
use domain::{Clock as _, SystemClock};
use serde_json::Value;

use super::page;
use crate::{commands, desk::Desk, process::Process};

const PERIOD_SECONDS: u64 = 30;

/// Somebody with an account at the provider and a profile of the same name.
pub struct Person {
    pub account: &'static str,
    phone: Option<Phone>,
}

/// An authenticator that shows each code once.
struct Phone {
    secret: Vec<u8>,
    last_step: u64,
}

impl Person {
    pub fn new(account: &'static str) -> Self {
        Self { account, phone: None }
    }

    /// Runs the command line as this person and answers its JSON.
    pub fn says(&self, desk: &Desk, arguments: &[&str]) -> anyhow::Result<Value> {
        let printed = commands::output(desk.countersign(self.account).arg("--json").args(arguments))?;
        if printed.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(printed.trim()).with_context(|| format!("`{}` printed {printed}", arguments.join(" ")))
    }

    /// Runs the command line as this person, expects a refusal and answers its text.
    pub fn is_refused(&self, desk: &Desk, arguments: &[&str]) -> anyhow::Result<String> {
        match self.says(desk, arguments) {
            Ok(answer) => bail!("`{}` was not refused: {answer}", arguments.join(" ")),
            Err(error) => Ok(format!("{error:#}")),
        }
    }

    /// Signs in: the program prints an address, this person visits it.
    pub fn signs_in(&self, desk: &Desk, logs: &std::path::Path) -> anyhow::Result<()> {
        let mut command = desk.countersign(self.account);
        command.args(["login", "--no-browser"]);
        let mut login = Process::start(&format!("login-{}", self.account), &mut command, logs, "")?;
        let limit = Duration::from_secs(20);
        let address = login.wait(limit, address_in)?;
        page::sign_in(&address, self.account)?;
        if !login.finish(limit)? {
            bail!("the program did not take the sign-in: {}", login.text());
        }
        Ok(())
    }

    /// Takes the secret that the program shows, as a phone's camera would.
    pub fn takes_secret(&mut self, base32: &str) -> anyhow::Result<()> {
        let plain: String = base32.chars().filter(|c| !c.is_whitespace()).collect();
        let secret = totp_rs::Secret::Encoded(plain).to_bytes().map_err(|error| anyhow::anyhow!("{error:?}"))?;
        self.phone = Some(Phone { secret, last_step: 0 });
        Ok(())
    }

    /// The code that the phone shows now; waits for the next one when this one was used.
    pub fn code(&mut self) -> anyhow::Result<String> {
        let phone = self.phone.as_mut().with_context(|| format!("{} has no phone yet", self.account))?;
        loop {
            let now = u64::try_from(SystemClock.now())?;
            let step = now / PERIOD_SECONDS;
            // A code in its last seconds may arrive after them.
            if step > phone.last_step && now % PERIOD_SECONDS < PERIOD_SECONDS - 2 {
                phone.last_step = step;
                return phone.at(now);
            }
            sleep(Duration::from_millis(200));
        }
    }

    /// A well-formed code that the phone does not show.
    pub fn wrong_code(&self) -> anyhow::Result<String> {
        let phone = self.phone.as_ref().with_context(|| format!("{} has no phone yet", self.account))?;
        let now = u64::try_from(SystemClock.now())?;
        let near: Vec<_> = (0..5).map(|step| phone.at(now + 60 - step * PERIOD_SECONDS)).collect::<Result<_, _>>()?;
        (0..10).map(|digit| digit.to_string().repeat(6)).find(|code| !near.contains(code)).context("no wrong code")
    }
}

impl Phone {
    fn at(&self, seconds: u64) -> anyhow::Result<String> {
        let totp = totp_rs::TOTP::new_unchecked(totp_rs::Algorithm::SHA1, 6, 1, PERIOD_SECONDS, self.secret.clone(), None, String::new());
        Ok(totp.generate(seconds))
    }
}

fn address_in(text: &str) -> Option<String> {
    let begin = text.find("http://127.0.0.1:")?;
    let address: String = text[begin..].chars().take_while(|c| !c.is_whitespace() && *c != '"').collect();
    // Only a whole line: the rest may still be on its way.
    text[begin..].contains('\n').then_some(address)
}
