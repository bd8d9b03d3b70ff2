//! `countersign-verify`: checks an Evidence file on a computer that has nothing of ours but this program and a trust file.
//!
//! What it is not: a client. It opens no connection, asks no clock, and writes nothing but the summary it is asked for.
//! What is proven is the business of [`verify`]; here are arguments, files, words and exit codes.

mod arguments;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use wire::join::TrustFile;

use arguments::{Arguments, Asked};

/// No Evidence file is larger, in bytes.
pub const LARGEST_EVIDENCE: u64 = 256 * 1024 * 1024;
/// No trust file is larger, in bytes.
const LARGEST_TRUST: u64 = 16 * 1024 * 1024;

/// How it ended. The numbers are exit codes that scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in the file holds.
    Proven = 0,
    /// A part does not hold; the answer names it.
    Rejected = 1,
    /// Nothing was judged: wrong arguments, or a file that cannot be read or written.
    NotJudged = 2,
}

/// Does what these arguments (without the program's name) ask.
///
/// # Errors
/// When an answer cannot be written to `out` or `problems`.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut impl Write,
    problems: &mut impl Write,
) -> io::Result<Outcome> {
    let arguments = match arguments::read(arguments) {
        Ok(Asked::Verify(arguments)) => arguments,
        Ok(Asked::Help) => {
            write!(out, "{}", arguments::HELP)?;
            return Ok(Outcome::Proven);
        }
        Ok(Asked::Version) => {
            writeln!(out, "countersign-verify {}", env!("CARGO_PKG_VERSION"))?;
            return Ok(Outcome::Proven);
        }
        Err(error) => {
            writeln!(problems, "countersign-verify: {error}\n\n{}", arguments::HELP)?;
            return Ok(Outcome::NotJudged);
        }
    };
    match judge(&arguments) {
        Ok(Judged::Proven { proof, bytes }) => proven(&arguments, &proof, &bytes, out, problems),
        Ok(Judged::Rejected(rejected)) => {
            if arguments.json {
                let answer = serde_json::json!({ "rejected": { "part": rejected.part, "why": rejected.why } });
                writeln!(out, "{answer}")?;
            } else {
                writeln!(out, "REJECTED. {}\n\nDo not rely on this file.", domain::legible(&rejected.to_string()))?;
            }
            Ok(Outcome::Rejected)
        }
        Err(problem) => {
            writeln!(problems, "countersign-verify: {problem}")?;
            Ok(Outcome::NotJudged)
        }
    }
}

enum Judged {
    Proven { proof: verify::Proof, bytes: Vec<u8> },
    Rejected(verify::Rejected),
}

fn judge(arguments: &Arguments) -> Result<Judged, String> {
    let trust = read(&arguments.trust, LARGEST_TRUST)?
        .ok_or_else(|| format!("{} is larger than a trust file is", arguments.trust.display()))?;
    let trust: TrustFile =
        serde_json::from_slice(&trust).map_err(|_| format!("{} is not a trust file", arguments.trust.display()))?;
    let Some(bytes) = read(&arguments.file, LARGEST_EVIDENCE)? else {
        let rejected = verify::Rejected { part: "file".into(), why: "it is larger than evidence is".into() };
        return Ok(Judged::Rejected(rejected));
    };
    Ok(match verify::verify(&bytes, &trust) {
        Ok(proof) => Judged::Proven { proof, bytes },
        Err(rejected) => Judged::Rejected(rejected),
    })
}

fn proven(
    arguments: &Arguments,
    proof: &verify::Proof,
    bytes: &[u8],
    out: &mut impl Write,
    problems: &mut impl Write,
) -> io::Result<Outcome> {
    if let Some(path) = &arguments.html
        && let Err(error) = std::fs::write(path, verify::summary(proof, bytes))
    {
        writeln!(problems, "countersign-verify: {} cannot be written: {error}", path.display())?;
        return Ok(Outcome::NotJudged);
    }
    if arguments.json {
        writeln!(out, "{}", serde_json::json!({ "verified": proof }))?;
    } else {
        write!(out, "VERIFIED.\n\n{proof}")?;
    }
    Ok(Outcome::Proven)
}

/// The file's bytes; `None` when there are more than `most`.
fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, String> {
    let unreadable = |error| format!("{} cannot be read: {error}", path.display());
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}
