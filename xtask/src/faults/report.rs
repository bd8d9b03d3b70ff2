//! What each sweep found: a line on the terminal and a case in its file.

use std::{collections::BTreeMap, fs, time::Instant};

use anyhow::Context as _;
use serde::Serialize;

use crate::folders;

/// One kind of fault at one kind of place.
#[derive(Debug, Default, Serialize)]
pub struct Case {
    pub what: String,
    /// So many times it was tried.
    pub points: u32,
    /// So many times it happened; where it did not, the process was killed by hand instead.
    pub met: u32,
    /// So many of these while the role was at work, not while it started.
    pub at_work: u32,
    /// What it happened to, with how often.
    pub to: BTreeMap<String, u32>,
    /// What was measured or held.
    pub found: String,
    pub seconds: f64,
    pub ok: bool,
}

/// The cases of one sweep; each is on disk before the next begins.
pub struct Report {
    sweep: &'static str,
    cases: Vec<Case>,
}

impl Report {
    pub fn new(sweep: &'static str) -> Self {
        Self { sweep, cases: Vec::new() }
    }

    /// Takes one case, prints it and keeps it.
    ///
    /// # Errors
    /// The case's own, after it was kept.
    pub fn take(&mut self, what: &str, act: impl FnOnce(&mut Case) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let begin = Instant::now();
        let mut case = Case { what: what.to_owned(), ..Case::default() };
        let outcome = act(&mut case);
        case.seconds = (begin.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        case.ok = outcome.is_ok();
        if let Err(error) = &outcome {
            case.found = format!("{error:#}");
        }
        println!(
            "{} {:>6.1} s  {} · {}",
            if case.ok { "ok    " } else { "FAILED" },
            case.seconds,
            self.sweep,
            case.said()
        );
        self.cases.push(case);
        self.write()?;
        outcome.with_context(|| format!("{} · {what}", self.sweep))
    }

    fn write(&self) -> anyhow::Result<()> {
        let file = folders::target().join("faults").join(format!("{}.json", self.sweep.replace('/', "-")));
        fs::write(&file, serde_json::to_string_pretty(&self.cases)?)
            .with_context(|| format!("{} cannot be written", file.display()))
    }
}

impl Case {
    fn said(&self) -> String {
        let mut said = self.what.clone();
        if self.points > 0 {
            said += &format!(": {} points, {} met, {} at work", self.points, self.met, self.at_work);
        }
        if !self.to.is_empty() {
            let to: Vec<_> = self.to.iter().map(|(what, count)| format!("{what} {count}")).collect();
            said += &format!(" ({})", to.join(", "));
        }
        if !self.found.is_empty() {
            said += &format!("; {}", self.found);
        }
        said
    }
}
