use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use super::find::Mutant;
use crate::{commands, ending, folders};

/// The tests that have to notice.
const TESTS: [&str; 3] = ["one_check_each", "pk_tokens", "rotation"];
/// What a mutant may take before it counts as noticed: it hangs.
const LIMIT: &str = "600";

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Killed,
    Survived,
    /// It is no Rust any more, or of the wrong type.
    Unbuilt,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Killed => "killed",
            Self::Survived => "SURVIVED",
            Self::Unbuilt => "unbuilt",
        })
    }
}

/// A copy of the verifier, of what it stands on, and of its tests. The work tree is only read.
pub struct Bench {
    folder: PathBuf,
    target: PathBuf,
}

impl Bench {
    pub fn new() -> anyhow::Result<Self> {
        let folder = PathBuf::from(
            commands::output(Command::new("mktemp").args(["-d", "/tmp/countersign-mutants.XXXXXX"]))?.trim(),
        );
        ending::made(&folder);
        let bench = Self { folder, target: folders::target().join("mutants") };
        bench.fill().context("the copy cannot be made")?;
        Ok(bench)
    }

    fn fill(&self) -> anyhow::Result<()> {
        let root = folders::root();
        for file in ["Cargo.lock", "clippy.toml"] {
            fs::copy(root.join(file), self.folder.join(file))?;
        }
        for folder in ["tests/src", "tests/vectors"] {
            copy(&root.join(folder), &self.folder.join(folder))?;
        }
        for test in TESTS {
            let (file, folder) = (format!("tests/tests/{test}.rs"), format!("tests/tests/{test}"));
            if root.join(&file).exists() {
                fs::create_dir_all(self.folder.join("tests/tests"))?;
                fs::copy(root.join(&file), self.folder.join(&file))?;
            } else {
                copy(&root.join(&folder), &self.folder.join(&folder))?;
            }
        }
        let crates = self.manifests()?;
        for name in &crates {
            copy(&root.join("crates").join(name), &self.folder.join("crates").join(name))?;
        }
        let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
        let members = crates.iter().map(|name| format!("\"crates/{name}\", ")).collect::<String>();
        let lines = workspace.lines().map(|line| {
            if line.starts_with("members = ") { format!("members = [{members}\"tests\"]") } else { line.to_owned() }
        });
        fs::write(self.folder.join("Cargo.toml"), lines.collect::<Vec<_>>().join("\n"))?;
        Ok(())
    }

    /// Writes the tests' manifest with what these tests use, and answers the crates that it takes to build them.
    fn manifests(&self) -> anyhow::Result<BTreeSet<String>> {
        let root = folders::root();
        let used = all_text(&self.folder.join("tests"))?;
        let manifest = fs::read_to_string(root.join("tests/Cargo.toml"))?;
        let mut wanted: Vec<String> = Vec::new();
        let kept = manifest.lines().filter(|line| {
            let Some(name) =
                line.strip_suffix(".workspace = true").filter(|_| !KEYS.iter().any(|key| line.starts_with(key)))
            else {
                return true;
            };
            let is_used = names(&used, &name.replace('-', "_"));
            if is_used {
                wanted.push(name.to_owned());
            }
            is_used
        });
        let kept = kept.collect::<Vec<_>>().join("\n");
        fs::write(self.folder.join("tests/Cargo.toml"), kept)?;
        let mut crates = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            let Ok(manifest) = fs::read_to_string(root.join("crates").join(&name).join("Cargo.toml")) else { continue };
            if crates.insert(name) {
                wanted.extend(
                    manifest.lines().filter_map(|line| line.strip_suffix(".workspace = true")).map(str::to_owned),
                );
            }
        }
        Ok(crates)
    }

    /// The tests are green while nothing is taken out.
    ///
    /// # Errors
    /// When they are not.
    pub fn prove(&self) -> anyhow::Result<()> {
        if self.cargo(&[]).status()?.success() && self.judge()? == Verdict::Survived {
            return Ok(());
        }
        bail!("the tests are red before anything is taken out")
    }

    /// Takes the check out, tests, and puts it back.
    pub fn test(&self, mutant: &Mutant) -> anyhow::Result<Verdict> {
        let file = self.folder.join(&mutant.file);
        let whole = fs::read_to_string(&file)?;
        let mut less = whole.clone();
        less.replace_range(mutant.range.clone(), mutant.with);
        fs::write(&file, less)?;
        let verdict = self.judge();
        fs::write(&file, whole)?;
        verdict
    }

    fn judge(&self) -> anyhow::Result<Verdict> {
        let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !quiet(&mut self.cargo(&["--no-run"]))?.success() {
            return Ok(Verdict::Unbuilt);
        }
        Ok(if quiet(&mut self.cargo(&[]))?.success() { Verdict::Survived } else { Verdict::Killed })
    }

    fn cargo(&self, more: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args([LIMIT, "nice", "-n", "10"]).arg(commands::cargo());
        command.args(["test", "--offline", "--quiet", "-p", "statement", "-p", "tests", "--lib"]);
        command.args(TESTS.iter().flat_map(|test| ["--test", test])).args(more);
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target).env("RUSTFLAGS", "--cap-lints=allow");
        command
    }
}

/// Lines of a manifest's own table that are inherited as dependencies are.
const KEYS: [&str; 6] = ["version.", "edition.", "rust-version.", "license.", "publish.", "workspace"];

impl Drop for Bench {
    fn drop(&mut self) {
        ending::remove(&self.folder);
    }
}

/// Whether a path begins with this crate.
fn names(text: &str, name: &str) -> bool {
    let path = format!("{name}::");
    text.match_indices(&path).any(|(at, _)| {
        !text[..at].ends_with(|before: char| before == ':' || before == '_' || before.is_ascii_alphanumeric())
    })
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

fn all_text(folder: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            text += &all_text(&path)?;
        } else {
            text += &fs::read_to_string(&path)?;
        }
    }
    Ok(text)
}
