//! The program.

use std::io::{Write as _, stderr, stdout};
use std::process::ExitCode;

use countersign_verify::{Outcome, run};

fn main() -> ExitCode {
    let mut out = stdout().lock();
    let ended = run(std::env::args_os().skip(1), &mut out, &mut stderr().lock());
    // An answer that nobody could read is none.
    let outcome = ended.and_then(|outcome| out.flush().map(|()| outcome)).unwrap_or(Outcome::NotJudged);
    ExitCode::from(outcome as u8)
}
