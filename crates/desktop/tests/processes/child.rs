use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use crate::store::SharedStore;

/// The arguments, one a line, with which this program plays the command line.
const ARGUMENTS: &str = "COUNTERSIGN_TEST_ARGUMENTS";
/// The file that this program writes again and again until it is killed.
const WRITES: &str = "COUNTERSIGN_TEST_WRITES";
const FOLDER: &str = "COUNTERSIGN_TEST_FOLDER";

/// This very program in another process.
pub struct Child(pub std::process::Child);

/// How a command ended.
pub struct Ended {
    pub well: bool,
    pub out: String,
    pub err: String,
}

/// Runs one command with its profile and its keyring in `folder`.
pub fn run(folder: &Path, arguments: &[&str]) -> Ended {
    Child::begin(command(folder, arguments)).ended()
}

/// The same where no file can grow: what a full disk does to it.
pub fn run_without_room(folder: &Path, arguments: &[&str]) -> Ended {
    let own = command(folder, arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]).arg(own.get_program()).args(own.get_args());
    shell.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Child::begin(shell).ended()
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = this_program();
    command.env(FOLDER, folder).env(ARGUMENTS, arguments.join("\n"));
    command
}

pub fn writer(path: &Path) -> Command {
    let mut command = this_program();
    command.env(WRITES, path);
    command
}

fn this_program() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "child::play", "--nocapture", "--test-threads=1"]);
    command
}

impl Child {
    pub fn begin(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts"))
    }

    /// The first line of its answer that is JSON.
    pub fn first_answer(&mut self) -> serde_json::Value {
        let out = BufReader::new(self.0.stdout.as_mut().expect("a pipe"));
        let mut lines = out.lines().map_while(Result::ok);
        lines.find_map(|line| answer(&line)).expect("an answer")
    }

    pub fn ended(self) -> Ended {
        let output = self.0.wait_with_output().expect("ends");
        Ended {
            well: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// The error that it printed.
    pub fn error(&self) -> serde_json::Value {
        self.err.lines().find_map(answer).unwrap_or_else(|| panic!("no error in {}", self.err))
    }

    pub fn answer(&self) -> serde_json::Value {
        self.out.lines().find_map(answer).unwrap_or_else(|| panic!("no answer in {}{}", self.out, self.err))
    }
}

/// The test harness may have written something in front of it.
fn answer(line: &str) -> Option<serde_json::Value> {
    serde_json::from_str(&line[line.find('{')?..]).ok()
}

/// Not a test by itself: what the other process does.
#[test]
fn play() {
    if let Some(path) = std::env::var_os(WRITES) {
        for byte in b"AB".iter().cycle() {
            keys::write_private(Path::new(&path), &vec![*byte; 1 << 20]).expect("writes");
        }
    }
    let (Ok(arguments), Ok(folder)) = (std::env::var(ARGUMENTS), std::env::var(FOLDER)) else { return };
    rustls::crypto::aws_lc_rs::default_provider().install_default().expect("the first");
    let folder = Path::new(&folder);
    let store = Arc::new(SharedStore { folder: folder.join("keyring") });
    let data_dir = folder.join("data");
    let common = ["countersign", "--json", "--profile", "mara", "--data-dir", data_dir.to_str().expect("UTF-8")];
    let arguments = common.into_iter().chain(arguments.split('\n')).map(Into::into);
    let code = desktop::cli::run_with(arguments, Some(store));
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}
