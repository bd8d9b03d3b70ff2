use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use serde::Serialize;

/// What was done, how long it took, and whether it went well.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    pub step: String,
    pub seconds: f64,
    pub ok: bool,
    /// What was measured in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The steps so far; each is on disk before the next begins.
pub struct Steps {
    file: PathBuf,
    steps: Vec<Step>,
}

impl Steps {
    /// Steps that are kept in this file.
    pub fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), steps: Vec::new() }
    }

    /// Does one step, prints it with its time, and keeps it.
    ///
    /// # Errors
    /// The step's own, after it was kept.
    pub fn take<T>(&mut self, what: &str, act: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.keep(what, || Ok((act()?, None)))
    }

    /// As [`Self::take`], for a step that measures something: the figure is printed and kept beside it.
    ///
    /// # Errors
    /// The step's own, after it was kept.
    pub fn measure<T>(&mut self, what: &str, act: impl FnOnce() -> anyhow::Result<(T, String)>) -> anyhow::Result<T> {
        self.keep(what, || act().map(|(value, figure)| (value, Some(figure))))
    }

    fn keep<T>(&mut self, what: &str, act: impl FnOnce() -> anyhow::Result<(T, Option<String>)>) -> anyhow::Result<T> {
        let begin = Instant::now();
        let outcome = act();
        let seconds = (begin.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let ok = outcome.is_ok();
        let (value, figure, why) = match outcome {
            Ok((value, figure)) => (Ok(value), figure, None),
            Err(error) => {
                let why = format!("{error:#}");
                (Err(error), None, Some(why))
            }
        };
        let said = figure.as_ref().map(|figure| format!(" ({figure})")).unwrap_or_default();
        println!("{} {seconds:>7.2} s  {what}{said}", if ok { "ok    " } else { "FAILED" });
        self.steps.push(Step { step: what.to_owned(), seconds, ok, figure, why });
        fs::write(&self.file, serde_json::to_string_pretty(&self.steps)?)
            .with_context(|| format!("{} cannot be written", self.file.display()))?;
        value.with_context(|| what.to_owned())
    }
}
