//! `cargo xtask mutants`: takes one check at a time out of the verifier, in a copy, and sees that a test turns red.

mod bench;
mod find;
mod source;

use std::{collections::BTreeSet, time::Instant};

use anyhow::{Context as _, bail};

use crate::folders::root;
use bench::{Bench, Verdict};
use find::Mutant;

/// What decides whether something opens. Each is a file, or a folder of files, of `crates/statement/src`.
const CHECKED: [&str; 11] =
    ["opening", "enrolment", "factor", "revoke", "jws", "pk_token", "provider", "bundle", "kinds", "dpop", "known"];

/// Tries every mutant of these files (all of them when none is named) and prints a table.
///
/// # Errors
/// When one of them survives the tests, or the tests are red without any.
pub fn run(only: &[String], list: bool) -> anyhow::Result<()> {
    let mutants = all(only)?;
    if list {
        mutants.iter().for_each(|mutant| println!("{mutant}"));
        println!("{} mutants", mutants.len());
        return Ok(());
    }
    println!("copying, and testing what is right (this takes minutes the first time)");
    let bench = Bench::new()?;
    bench.prove()?;
    let (mut survivors, mut unbuilt, begin) = (Vec::new(), 0, Instant::now());
    for (number, mutant) in mutants.iter().enumerate() {
        let verdict = bench.test(mutant)?;
        println!("{:>4}/{} {verdict:<9} {mutant}", number + 1, mutants.len());
        match verdict {
            Verdict::Killed => {}
            Verdict::Unbuilt => unbuilt += 1,
            Verdict::Survived => survivors.push(mutant),
        }
    }
    let killed = mutants.len() - survivors.len() - unbuilt;
    println!(
        "\n{killed} killed, {unbuilt} do not compile, {} survived, {} s",
        survivors.len(),
        begin.elapsed().as_secs()
    );
    if survivors.is_empty() {
        return Ok(());
    }
    survivors.iter().for_each(|mutant| println!("survived: {mutant}"));
    bail!("no test notices when these checks are gone")
}

fn all(only: &[String]) -> anyhow::Result<Vec<Mutant>> {
    let known: BTreeSet<&str> = CHECKED.into_iter().collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(name.as_str())) {
        bail!("{unknown} is none of {}", CHECKED.join(", "));
    }
    let mut mutants = Vec::new();
    for name in CHECKED.iter().filter(|name| only.is_empty() || only.iter().any(|wanted| wanted == *name)) {
        let folder = root().join("crates/statement/src");
        let mut files = vec![folder.join(format!("{name}.rs"))];
        if let Ok(entries) = std::fs::read_dir(folder.join(name)) {
            files.extend(entries.flatten().map(|entry| entry.path()));
        }
        files.sort();
        for file in files.iter().filter(|file| file.file_name().is_some_and(|name| name != "tests.rs")) {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let relative = file.strip_prefix(root())?.to_owned();
            mutants.extend(find::mutants(&relative, &text));
        }
    }
    Ok(mutants)
}
