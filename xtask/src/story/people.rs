//! The people of the story, each with a computer's profile and a phone.

use std::{path::Path, process::Stdio, thread::sleep, time::Duration};

use anyhow::{Context as _, bail};
use domain::{Clock as _, SystemClock};
use serde_json::Value;
use totp_rs::{Builder, Secret, Totp};

use super::page;
use crate::{desk::Desk, process::Process};

const PERIOD_SECONDS: u64 = 30;

/// Somebody with an account at the provider and a profile of the same name.
pub struct Person {
    pub account: &'static str,
    pub profile: &'static str,
    phone: Option<Phone>,
}

/// An authenticator that shows each code once.
struct Phone {
    totp: Totp,
    last_step: u64,
}

impl Person {
    pub fn new(account: &'static str) -> Self {
        Self::of(account, account)
    }

    /// A profile for an account of another name.
    pub fn of(profile: &'static str, account: &'static str) -> Self {
        Self { account, profile, phone: None }
    }

    /// Runs the command line as this person and answers the last line of its JSON.
    pub fn says(&self, desk: &Desk, arguments: &[&str]) -> anyhow::Result<Value> {
        match self.tries(desk, arguments)? {
            Ok(answer) => Ok(answer),
            Err(refusal) => bail!("{} · {}: {refusal}", self.account, arguments.join(" ")),
        }
    }

    /// Runs the command line as this person, expects a refusal with this code and answers it.
    pub fn is_refused(&self, desk: &Desk, arguments: &[&str], code: &str) -> anyhow::Result<Value> {
        match self.tries(desk, arguments)? {
            Ok(answer) => bail!("{} · {} was not refused: {answer}", self.account, arguments.join(" ")),
            Err(refusal) if refusal["code"] == code => Ok(refusal),
            Err(refusal) => {
                bail!("{} · {} was refused with {refusal}, not with {code}", self.account, arguments.join(" "))
            }
        }
    }

    /// Runs the command line as this person and answers what people read there.
    pub fn reads(&self, desk: &Desk, arguments: &[&str]) -> anyhow::Result<String> {
        let output = desk.countersign(self.profile).args(arguments).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            bail!("{} · {}: {}", self.account, arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Every entry of the log that this person sees, newest first.
    pub fn entries(&self, desk: &Desk) -> anyhow::Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let before = all.last().and_then(|entry| entry["index"].as_u64());
            let page = match before {
                Some(0) => return Ok(all),
                Some(index) => self.says(desk, &["entries", "--before", &index.to_string()])?,
                None => self.says(desk, &["entries"])?,
            };
            let page = page.as_array().context("no list of entries")?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page.iter().cloned());
        }
    }

    fn tries(&self, desk: &Desk, arguments: &[&str]) -> anyhow::Result<Result<Value, Value>> {
        let output = desk.countersign(self.profile).arg("--json").args(arguments).stdin(Stdio::null()).output()?;
        let (text, good) = if output.status.success() { (output.stdout, true) } else { (output.stderr, false) };
        let text = String::from_utf8_lossy(&text).into_owned();
        let line = text.lines().rev().find(|line| line.starts_with(['{', '[']));
        let value = line.map(serde_json::from_str).transpose()?.unwrap_or(Value::Null);
        match (good, value) {
            (true, value) => Ok(Ok(value)),
            (false, Value::Null) => {
                bail!("{} · {} stopped ({}): {text}", self.account, arguments.join(" "), output.status)
            }
            (false, value) => Ok(Err(value)),
        }
    }

    /// Signs in: the program prints an address, this person visits it.
    pub fn signs_in(&self, desk: &Desk, logs: &Path) -> anyhow::Result<()> {
        let mut command = desk.countersign(self.profile);
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
        let secret = Secret::try_from_base32(plain).map_err(|error| anyhow::anyhow!("{error}"))?;
        let totp = Builder::new().with_secret(secret).with_step_duration(PERIOD_SECONDS).build_noncompliant();
        self.phone = Some(Phone { totp, last_step: 0 });
        Ok(())
    }

    /// The code that the phone shows now, or the next one, which is believed already, when this one was used; waits when
    /// that was used too.
    pub fn code(&mut self) -> anyhow::Result<String> {
        let phone = self.phone.as_mut().with_context(|| format!("{} has no phone yet", self.account))?;
        loop {
            let now = u64::try_from(SystemClock.now())?;
            let step = now / PERIOD_SECONDS;
            let next = step.max(phone.last_step + 1);
            if next <= step + 1 {
                phone.last_step = next;
                return Ok(phone.totp.generate(next * PERIOD_SECONDS).to_string());
            }
            sleep(Duration::from_millis(200));
        }
    }

    /// A well-formed code that the phone does not show.
    pub fn wrong_code(&self) -> anyhow::Result<String> {
        let phone = self.phone.as_ref().with_context(|| format!("{} has no phone yet", self.account))?;
        let now = u64::try_from(SystemClock.now())?;
        let near: Vec<_> =
            (0..5).map(|step| phone.totp.generate(now + 60 - step * PERIOD_SECONDS).to_string()).collect();
        (0..10).map(|digit| digit.to_string().repeat(6)).find(|code| !near.contains(code)).context("no wrong code")
    }
}

fn address_in(text: &str) -> Option<String> {
    let begin = text.find("http://127.0.0.1:")?;
    let address: String = text[begin..].chars().take_while(|c| !c.is_whitespace() && *c != '"').collect();
    // Only a whole line: the rest may still be on its way.
    text[begin..].contains('\n').then_some(address)
}
