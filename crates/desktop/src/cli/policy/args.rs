use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::moment;
use crate::cli::code::code;

#[derive(Subcommand)]
pub(in crate::cli) enum PolicyCommand {
    /// Say a policy in words; without FILE the one that is compiled in.
    Show { file: Option<PathBuf> },
    /// Say what is wrong with a policy, and what is allowed but remarkable.
    Check { file: PathBuf },
    /// Ask a policy what a file of cases expects of it.
    Test { file: PathBuf, cases: PathBuf },
    /// Say what a change of the policy would have refused or allowed.
    Diff(Compared),
    /// List the policies that were in force, and those that wait for a second administrator.
    List,
    /// Print the exact text of one of them, by its digest.
    Text {
        #[arg(allow_hyphen_values = true)]
        digest: String,
    },
    /// Sign that a text is to replace the policy in force (administrators).
    Propose {
        file: PathBuf,
        #[command(flatten)]
        signing: Signing,
    },
    /// Sign for a proposed policy as the second administrator: it is in force then.
    Adopt {
        #[arg(allow_hyphen_values = true)]
        digest: String,
        #[command(flatten)]
        signing: Signing,
    },
}

#[derive(Args)]
pub(in crate::cli) struct Signing {
    /// Why, in 10 characters or more.
    #[arg(long)]
    pub(super) comment: String,
    /// Of this moment; each is good once. `-` reads it from standard input.
    #[arg(long, value_parser = code)]
    pub(super) code: String,
}

#[derive(Args)]
pub(in crate::cli) struct Compared {
    /// The text that would be the policy.
    pub(super) new: PathBuf,
    /// The text that it is compared with; by default the one that is compiled in, and with --from the one in force.
    #[arg(long, value_name = "FILE")]
    pub(super) old: Option<PathBuf>,
    /// Evidence files of Sessions, each opened under the policy that was in force then.
    #[arg(long, value_name = "FOLDER")]
    pub(super) evidence: Option<PathBuf>,
    /// What the Evidence is verified against; it pins the first policy.
    #[arg(long, value_name = "FILE", requires = "evidence")]
    pub(super) trust: Option<PathBuf>,
    /// Asks that are in no Evidence, as cases are written.
    #[arg(long, value_name = "FILE")]
    pub(super) requests: Option<PathBuf>,
    /// Everything that was asked from this moment on, as the log tells it: `2026-11-01` or `2026-11-01T08:00:00Z` (reviewers).
    #[arg(long, value_parser = moment)]
    pub(super) from: Option<i64>,
    /// The first moment that is no longer asked about.
    #[arg(long, value_parser = moment, requires = "from")]
    pub(super) to: Option<i64>,
}
