use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::break_glass::BreakGlassCommand;
use super::code::code;
use super::forget::ForgetCommand;
use super::policy::PolicyCommand;
use super::reveal::RevealCommand;

/// Nobody opens a customer's Organization alone.
#[derive(Parser)]
#[command(name = "countersign", version, about, max_term_width = 100)]
pub(super) struct Arguments {
    /// The profile: its own folder, its own keys.
    #[arg(long, global = true, default_value = "default")]
    pub(super) profile: String,
    /// Where the profiles' folders stand; by default the system's place for application data.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Answer in JSON, one value a line.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show this computer's key, making it if needed.
    Key {
        /// Make another in its place when it was revoked: the old one is destroyed here, and you are signed out. Once you have signed in
        /// again, the new one waits to be let in, as a further computer does.
        #[arg(long)]
        new: bool,
    },
    /// Pin an installation from its join file.
    Join { file: PathBuf },
    /// Show how far this computer is.
    Status,
    /// Sign in with the system browser.
    Login {
        /// Print the address instead of opening it.
        #[arg(long)]
        no_browser: bool,
    },
    /// Forget the sign-in on this computer.
    Logout,
    /// List Devices that wait for an administrator.
    Enrolments,
    /// Sign that a Device belongs to a person (administrators).
    Enrol {
        person: String,
        /// The Device's thumbprint, when the person has several that wait.
        #[arg(long, allow_hyphen_values = true)]
        device: Option<String>,
        /// Of this moment; each is good once. `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Set up one-time codes: without --code shows the secret, with it confirms.
    EnrolCode {
        #[arg(long, value_parser = code)]
        code: Option<String>,
    },
    /// Put another authenticator app in the place of yours: shows its secret; then `enrol-code --code` confirms it.
    ReplaceFactor {
        /// A code of the old one, or a recovery code after a fresh `login`; `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Make new recovery codes; those of before are void.
    RecoveryCodes {
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Void the second factor of somebody who lost it, so that they set up another (administrators).
    ResetFactor {
        person: String,
        /// Why, and how you know that it is them.
        #[arg(long)]
        reason: String,
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Enter a one-time code for this sign-in; `-` reads it from standard input.
    Code {
        #[arg(value_parser = code)]
        code: String,
    },
    /// List Devices that were enrolled: everybody's (administrators), or your own.
    Devices {
        #[arg(long)]
        mine: bool,
    },
    /// Take a Grant, a Device or a person's Devices out, and end what is open.
    Revoke {
        #[command(subcommand)]
        what: Revoke,
    },
    /// List Organizations that can be asked for.
    Organizations,
    /// Ask for access to an Organization.
    Request {
        organization: String,
        #[arg(long, default_value = "customer-reported-problem")]
        reason: String,
        #[arg(long)]
        ticket: String,
        #[arg(long)]
        justification: String,
        #[arg(long, default_value = "read")]
        scope: String,
        /// Minutes.
        #[arg(long, default_value_t = 30, conflicts_with = "seconds")]
        minutes: u32,
        /// Seconds, instead of minutes.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// List requests, or show one.
    Requests {
        /// `mine`, `inbox`, `decided`, or a request's id.
        #[arg(default_value = "mine", allow_hyphen_values = true)]
        view: String,
    },
    /// Countersign a request.
    Approve {
        #[arg(allow_hyphen_values = true)]
        request: String,
        #[arg(long, value_parser = code)]
        code: String,
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Deny a request, and say why.
    Deny {
        #[arg(allow_hyphen_values = true)]
        request: String,
        #[arg(long)]
        comment: String,
    },
    /// Take a request back.
    Withdraw {
        #[arg(allow_hyphen_values = true)]
        request: String,
    },
    /// Open the Session of an approved request; stays until it ends. Ctrl-C ends it.
    Open {
        #[arg(allow_hyphen_values = true)]
        request: String,
        /// Needed when the last code is older than 15 minutes.
        #[arg(long, value_parser = code)]
        code: Option<String>,
        /// Write the door's certificate here.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Ask for more time in the Session that `open` holds open on this computer. Somebody else has to countersign it.
    Extend {
        #[arg(allow_hyphen_values = true)]
        request: String,
        /// Minutes more.
        #[arg(long, default_value_t = 15, conflicts_with = "seconds")]
        minutes: u32,
        /// Seconds, instead of minutes.
        #[arg(long)]
        seconds: Option<u32>,
        /// Needed when the last code is older than 15 minutes.
        #[arg(long, value_parser = code)]
        code: Option<String>,
    },
    /// End the Session of a request that `open` holds open on this computer.
    End {
        #[arg(allow_hyphen_values = true)]
        request: String,
    },
    /// List Sessions.
    Sessions {
        #[arg(long)]
        organization: Option<String>,
        #[arg(long)]
        person: Option<String>,
        #[arg(long)]
        scope: Option<String>,
        /// `reason:!maintenance`, `length:>5`, `finding:stop`, `review:open`, `review:due`, `person:NAME`, `ticket:T`, `ticket:^BEGINNING`, `changes:yes`; as often as needed.
        #[arg(long = "filter", value_name = "KEY:VALUE")]
        filters: Vec<String>,
        /// Look for this in names, tickets, ids and justifications.
        #[arg(long, default_value = "")]
        text: String,
        /// `newest`, `oldest`, `longest`, `shortest`, `findings` or `findings-last`.
        #[arg(long, default_value = "")]
        order: String,
        /// Write all of them into a new file of comma-separated values (reviewers). It leaves an entry in the log.
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// Show one Session, its signatures and its proof.
    Session {
        #[arg(allow_hyphen_values = true)]
        session: String,
    },
    /// Watch a Session that runs; the person inside sees it (reviewers). Ctrl-C stops watching.
    Watch {
        #[arg(allow_hyphen_values = true)]
        session: String,
    },
    /// Print a Session's Recording (reviewers).
    Recording {
        #[arg(allow_hyphen_values = true)]
        session: String,
    },
    /// Sign a review: `nothing-to-report` or `flagged`.
    Review {
        #[arg(allow_hyphen_values = true)]
        session: String,
        verdict: String,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List entries of the log, newest first.
    Entries {
        #[arg(long)]
        before: Option<u32>,
    },
    /// Verify the log's Checkpoint against the last one that this computer verified, cosign it, and say what other witnesses saw.
    CheckLog,
    /// Have the Evidence file of a Session made, or of an Organization and a period.
    Evidence {
        #[arg(allow_hyphen_values = true, required_unless_present = "organization")]
        session: Option<String>,
        #[arg(long, conflicts_with = "session", requires = "from", requires = "to")]
        organization: Option<String>,
        /// The first moment: `2026-11-01` or `2026-11-01T08:00:00Z`.
        #[arg(long, value_parser = moment, requires = "organization")]
        from: Option<i64>,
        /// The first moment that is no longer in it.
        #[arg(long, value_parser = moment, requires = "organization")]
        to: Option<i64>,
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write what is needed to verify evidence without any server.
    Trust { file: PathBuf },
    /// Verify an Evidence file, offline with --trust.
    Verify {
        #[arg(long, value_name = "FILE")]
        trust: Option<PathBuf>,
        file: PathBuf,
    },
    /// Prepare for an emergency, use what was prepared, and see what was used.
    BreakGlass {
        #[command(subcommand)]
        command: BreakGlassCommand,
    },
    /// Have an Organization forgotten for good, and see which were (proposing and signing: administrators).
    Forget {
        #[command(subcommand)]
        command: ForgetCommand,
    },
    /// See what marks in a Recording stand for, with a second person's signature.
    Reveal {
        #[command(subcommand)]
        command: RevealCommand,
    },
    /// Read, check, try and compare policies; needs no profile and no network, and changes nothing that is pinned.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
}

/// A day in UTC, or a moment. Gives Unix seconds.
pub(super) fn moment(text: &str) -> Result<i64, String> {
    let day = || text.parse::<jiff::civil::Date>().and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC));
    let at = text.parse::<jiff::Timestamp>().or_else(|_| day().map(|day| day.timestamp()));
    at.map(jiff::Timestamp::as_second).map_err(|_| "neither a day nor a moment".to_owned())
}

/// What is revoked.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Revoke {
    /// A request's Grant, opened or not. It takes no code.
    Grant {
        #[arg(allow_hyphen_values = true)]
        request: String,
        #[arg(long)]
        reason: String,
    },
    /// A Device's key, for good: lost, stolen or given back. Of somebody else's: administrators.
    Device {
        #[arg(allow_hyphen_values = true)]
        device: String,
        #[arg(long)]
        reason: String,
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// The Grants of running Sessions, which ends them at once; more than one at a time: reviewers.
    Sessions {
        /// One of them; as often as there are.
        #[arg(long = "session", allow_hyphen_values = true, required_unless_present = "all", conflicts_with = "all")]
        sessions: Vec<String>,
        /// Every Session that runs.
        #[arg(long)]
        all: bool,
        /// Of those, the ones of this Organization.
        #[arg(long, requires = "all")]
        organization: Option<String>,
        /// Of those, the ones of this person.
        #[arg(long, requires = "all")]
        person: Option<String>,
        #[arg(long)]
        reason: String,
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Every Device of a person that is enrolled by now.
    Person {
        person: String,
        #[arg(long)]
        reason: String,
        #[arg(long, value_parser = code)]
        code: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// One thumbprint in 64 begins with a hyphen.
    #[test]
    fn a_digest_may_begin_with_a_hyphen() {
        const DIGEST: &str = "-DiawFFSRzL2_i3ks8IBnxx8Ui5H8cu23OrOqarpeQQ";
        for line in [
            vec!["enrol", "e-1023", "--device", DIGEST, "--code", "123456"],
            vec!["approve", DIGEST, "--code", "123456"],
            vec!["deny", DIGEST, "--comment", "Read is enough."],
            vec!["withdraw", DIGEST],
            vec!["open", DIGEST, "--code", "123456"],
            vec!["extend", DIGEST, "--minutes", "15"],
            vec!["end", DIGEST],
            vec!["revoke", "grant", DIGEST, "--reason", "No longer needed."],
            vec!["revoke", "device", DIGEST, "--reason", "It was stolen.", "--code", "123456"],
            vec![
                "revoke",
                "sessions",
                "--session",
                DIGEST,
                "--session",
                DIGEST,
                "--reason",
                "Not theirs.",
                "--code",
                "123456",
            ],
            vec!["revoke", "sessions", "--all", "--person", "e-1", "--reason", "It is over.", "--code", "123456"],
            vec!["watch", DIGEST],
            vec!["requests", DIGEST],
            vec!["break-glass", "sign", DIGEST, "--code", "123456"],
            vec!["break-glass", "use", DIGEST, "kinloch-hotels", "--ticket", "S-1", "--justification", "It burns."],
            vec!["forget", "sign", DIGEST, "--code", "123456"],
            vec!["reveal", "sign", DIGEST, "--code", "123456"],
            vec!["reveal", "read", DIGEST],
            vec!["reveal", "propose", DIGEST, "--mark", "0011223344556677", "--justification", "x", "--code", "123456"],
            vec!["session", DIGEST],
            vec!["recording", DIGEST],
            vec!["review", DIGEST, "nothing-to-report", "--note", "Fine."],
            vec!["evidence", DIGEST, "--out", "file"],
            vec![
                "evidence",
                "--organization",
                "kinloch-hotels",
                "--from",
                "2026-11-01",
                "--to",
                "2026-12-01T00:00:00Z",
            ],
        ] {
            let arguments = std::iter::once("countersign").chain(line.iter().copied());
            assert!(Arguments::try_parse_from(arguments).is_ok(), "{line:?}");
        }
    }

    #[test]
    fn sessions_are_ended_by_name_or_all_of_them() {
        let one = ["--session", "x"];
        for rest in [&[][..], &[&one[..], &["--all"]].concat(), &["--person", "e-1"], &["--organization", "kinloch"]] {
            let line = ["countersign", "revoke", "sessions", "--reason", "It is over.", "--code", "123456"];
            assert!(Arguments::try_parse_from(line.iter().chain(rest)).is_err(), "{rest:?}");
        }
    }

    #[test]
    fn evidence_is_of_a_session_or_of_an_organization_and_a_period() {
        for line in [
            vec!["evidence"],
            vec!["evidence", "x", "--organization", "kinloch-hotels", "--from", "2026-11-01", "--to", "2026-12-01"],
            vec!["evidence", "--organization", "kinloch-hotels"],
            vec!["evidence", "--organization", "kinloch-hotels", "--from", "2026-11-01"],
            vec!["evidence", "--organization", "kinloch-hotels", "--from", "yesterday", "--to", "2026-12-01"],
            vec!["evidence", "x", "--from", "2026-11-01"],
        ] {
            let arguments = std::iter::once("countersign").chain(line.iter().copied());
            assert!(Arguments::try_parse_from(arguments).is_err(), "{line:?}");
        }
        assert_eq!(moment("2026-11-01"), Ok(1_793_491_200));
        assert_eq!(moment("2026-11-01T00:00:01Z"), Ok(1_793_491_201));
    }

    /// Links open a view in the windows and come behind `--link`: here an address is no command, whatever stands in it.
    #[test]
    fn x_01_an_address_is_not_a_command() {
        let long = format!("countersign://approve?id={}", "x".repeat(1 << 20));
        let addresses = [
            "countersign://approve?id=abc&code=123456",
            "countersign://open/--code=123456",
            "countersign:approve",
            "countersign://%00",
            "--approve=abc",
            "approve?id=abc",
            long.as_str(),
        ];
        for address in addresses {
            for line in [vec![address], vec!["--json", address], vec!["--", address]] {
                let arguments = std::iter::once("countersign").chain(line);
                assert!(Arguments::try_parse_from(arguments).is_err(), "{}", &address[..20.min(address.len())]);
            }
        }
    }

    /// Nothing here replaces itself. The window's own channel is signed, and off without a key: `src-tauri/tests/updates.rs`.
    #[test]
    fn x_07_the_command_line_has_no_update_channel() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
        for absent in ["self_update", "self-replace"] {
            assert!(!lock.contains(&format!("name = \"{absent}\"")), "{absent}");
        }
        let manifest = std::fs::read_to_string(root.join("crates/desktop/Cargo.toml")).unwrap();
        assert!(!manifest.contains("updater"), "the engine knows of none");
    }
}
