//! The documents speak of what is there: every name that `ARCHITECTURE.md` and the threat model put in code quotes stands
//! in the sources, and every relative link of every document leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !["target", "node_modules", "dist", ".git", "gen"].iter().any(|skip| name == *skip) {
                files(&path, wanted, found);
            }
        } else if wanted(&path) {
            found.push(path);
        }
    }
}

fn with_ending(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root(), &|p| p.extension().is_some_and(|e| endings.iter().any(|w| e == *w)), &mut found);
    found
}

/// Texts between single backticks.
fn quoted(text: &str) -> Vec<String> {
    let outside_blocks: String = text.split("```").step_by(2).collect();
    outside_blocks.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn names_in_the_architecture_exist() {
    let sources: String =
        with_ending(&["rs", "ts", "tsx", "toml", "json"]).iter().filter_map(|p| fs::read_to_string(p).ok()).collect();
    for document in ["ARCHITECTURE.md", "docs/threat-model.md"] {
        let text = fs::read_to_string(root().join(document)).expect("the document");
        for name in quoted(&text) {
            if root().join(&name).exists() || name.contains(' ') || name.contains('/') {
                continue;
            }
            let last = name.rsplit("::").next().unwrap_or(&name).trim_end_matches("()");
            assert!(sources.contains(last), "{document} speaks of `{name}`, which is nowhere");
        }
    }
}

#[test]
fn relative_links_lead_somewhere() {
    for document in with_ending(&["md"]) {
        let text = fs::read_to_string(&document).expect("the document");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let folder = document.parent().expect("a folder");
            assert!(folder.join(target).exists(), "{} links to {target}", document.display());
        }
    }
}
