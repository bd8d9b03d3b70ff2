mod remarks;

use std::fmt;
use std::path::Path;

use ::policy::{Policy, Problems};
use domain::{Digest, legible};
use serde::Serialize;

use self::remarks::{Remark, remarks};
use crate::cli::files::read;
use crate::cli::print::Printer;
use crate::fault::fault;
use crate::policy_change::counted;
use crate::view::UiError;

/// A text that is a policy, and what is remarkable about it.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    digest: Digest,
    rules: usize,
    remarks: Vec<Remark>,
}

/// What is wrong with a text, and what to do about each.
#[derive(Debug, Serialize)]
pub(super) struct Wrong {
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Problem {
    message: String,
    next: &'static str,
}

pub(super) fn check(file: &Path, printer: &Printer) -> Result<(), UiError> {
    match checked(&read(file)?) {
        Ok(checked) => {
            printer.show(&checked, || checked.to_string());
            Ok(())
        }
        Err(wrong) => {
            printer.show(&wrong, || wrong.to_string());
            let count = counted(wrong.problems.len(), "problem");
            let message = format!("{} is not a policy: {count}.", file.display());
            Err(fault("not-a-policy", message, "Correct it and check again; nothing was changed."))
        }
    }
}

pub(super) fn checked(text: &str) -> Result<Checked, Wrong> {
    let policy = Policy::check(text).map_err(Wrong::from)?;
    let remarks = remarks(&policy, &Policy::compiled_in());
    Ok(Checked { digest: policy.digest().clone(), rules: policy.rules().len(), remarks })
}

impl From<Problems> for Wrong {
    fn from(problems: Problems) -> Self {
        let told = problems.iter().map(|p| Problem { message: p.to_string(), next: p.next() });
        Self { problems: told.collect() }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "It is a policy.\nDigest  {}\nRules   {}", self.digest, self.rules)?;
        for remark in &self.remarks {
            writeln!(f, "  - {}", legible(&remark.sentence))?;
        }
        Ok(())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Problem { message, next } in &self.problems {
            writeln!(f, "  - {}\n    {next}", legible(message))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
