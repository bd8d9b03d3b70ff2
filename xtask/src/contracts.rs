//! `cargo xtask contracts`: what key services owe (`crates/key-service/tests/contract.rs`), asked of programs that others wrote.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

use crate::{commands, folders};

/// Installs moto beside the build, starts its AWS KMS, and runs the contract against it and against every key service in `more`.
pub fn run(more: Option<&Path>) -> anyhow::Result<()> {
    let (root, folder) = (folders::root(), folders::root().join("target/contracts"));
    fs::create_dir_all(&folder)?;
    let python = environment(&folder, "python3", &root.join("xtask/contracts/requirements.txt"))?;
    let script = root.join("xtask/contracts/aws_kms.py");
    let kms = Served(
        Command::new(&python)
            .arg(script)
            .arg(folder.join("credentials.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("python cannot be started")?,
    );
    let (kms, line) = kms.first_line()?;
    let mut lines = vec![line];
    if let Some(more) = more {
        lines.push(fs::read_to_string(more).with_context(|| format!("{} cannot be read", more.display()))?);
    }
    let list = folder.join("services.txt");
    fs::write(&list, lines.join("\n"))?;
    print!("{}", lines.join("\n"));
    let status = Command::new(env!("CARGO"))
        .args(["test", "-p", "key-service", "--all-features", "--test", "contract"])
        .current_dir(&root)
        .env("COUNTERSIGN_KEY_SERVICES", &list)
        .status()?;
    drop(kms);
    if !status.success() {
        bail!("a key service does not keep the contract");
    }
    Ok(())
}

/// A Python of its own with what is pinned.
pub fn environment(folder: &Path, with: &str, requirements: &Path) -> anyhow::Result<std::path::PathBuf> {
    let python = folder.join("python/bin/python");
    if !python.exists() {
        commands::run(folder, with, &["-m", "venv", "python"])?;
    }
    let requirements = requirements.to_string_lossy();
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", &requirements];
    commands::run(folder, &python.to_string_lossy(), &install)?;
    Ok(python)
}

/// Ends when its input does.
struct Served(Child);

impl Served {
    fn first_line(mut self) -> anyhow::Result<(Self, String)> {
        let mut line = String::new();
        let output = self.0.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        if line.is_empty() {
            bail!("the key service did not start");
        }
        Ok((self, line))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
