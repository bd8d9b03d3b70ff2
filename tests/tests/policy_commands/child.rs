use std::path::Path;
use std::process::{Command, ExitCode};

use serde_json::Value;

/// The arguments, one a line, with which this program plays the command line.
const ARGUMENTS: &str = "COUNTERSIGN_TEST_ARGUMENTS";

/// How a command ended.
pub struct Ended {
    pub well: bool,
    pub out: String,
    pub err: String,
}

/// Runs `countersign policy` with these arguments, where there is no home folder, so that no profile can be meant, and
/// where nothing but `folder` is there to be written.
pub fn policy(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "child::play", "--nocapture", "--test-threads=1"]);
    command.env_clear().env(ARGUMENTS, arguments.join("\n")).current_dir(folder);
    let output = command.output().expect("starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { well: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
}

impl Ended {
    /// What it answered with `--json`.
    pub fn answer(&self) -> Value {
        self.out.lines().find_map(json).unwrap_or_else(|| panic!("no answer in {}{}", self.out, self.err))
    }

    /// The code of the error that it told.
    pub fn code(&self) -> String {
        let error = self.err.lines().find_map(json).unwrap_or_else(|| panic!("no error in {}{}", self.out, self.err));
        error["code"].as_str().expect("a code").to_owned()
    }
}

/// The test harness may have written something in front of it.
fn json(line: &str) -> Option<Value> {
    serde_json::from_str(&line[line.find('{')?..]).ok()
}

/// Not a test by itself: what the other process does.
#[test]
fn play() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let arguments = ["countersign", "policy"].into_iter().chain(arguments.split('\n')).map(Into::into);
    let code = desktop::cli::run(arguments);
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}
