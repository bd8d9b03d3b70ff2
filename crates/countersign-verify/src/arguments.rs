use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::Arg::{Long, Short, Value};

pub(crate) const HELP: &str = "\
Checks a Countersign Evidence file offline, against what you pin, and says what it proves and what it does not.

Usage: countersign-verify --trust TRUST [--html OUT] [--json] FILE

  --trust TRUST  the installation's trust file: issuer and log keys, first administrators, policy.
                 Get it from somebody you trust, not together with FILE.
  --html OUT     also write what is proven as a page without scripts
  --json         answer in one line of JSON
  --help, --version

Exit codes: 0 everything holds, 1 a part does not hold, 2 nothing was judged.
";

pub(crate) enum Asked {
    Help,
    Version,
    Verify(Arguments),
}

pub(crate) struct Arguments {
    pub(crate) trust: PathBuf,
    pub(crate) html: Option<PathBuf>,
    pub(crate) json: bool,
    pub(crate) file: PathBuf,
}

/// Each option at most once, exactly one file.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Asked, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut trust, mut html, mut json, mut file) = (None, None, false, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Asked::Help),
            Long("version") | Short('V') => return Ok(Asked::Version),
            Long("trust") if trust.is_none() => trust = Some(PathBuf::from(parser.value()?)),
            Long("html") if html.is_none() => html = Some(PathBuf::from(parser.value()?)),
            Long("json") if !json => json = true,
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            other => return Err(other.unexpected()),
        }
    }
    let trust = trust.ok_or("--trust is missing: evidence is believed only against keys that you pin")?;
    let file = file.ok_or("the Evidence file is missing")?;
    Ok(Asked::Verify(Arguments { trust, html, json, file }))
}
