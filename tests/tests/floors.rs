//! Every crate stands on a floor and depends on strictly lower floors only, dev-dependencies included; and the shape
//! of the repository is what `ARCHITECTURE.md` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const FLOORS: &[(&str, u8)] = &[
    ("domain", 0),
    ("merkle", 0),
    ("statement", 1),
    ("checkpoint", 1),
    ("recording", 1),
    ("policy", 2),
    ("wire", 2),
    ("client", 3),
    ("findings", 3),
    ("identity", 3),
    ("keys", 3),
    ("key-service", 3),
    ("verify", 3),
    ("webkit-features", 3),
    ("spare-ports", 3),
    ("serve", 4),
    ("countersign-verify", 4),
    ("desktop", 4),
    ("broker", 5),
    ("gateway", 5),
    ("audit", 5),
    ("countersign", 5),
    ("countersignd", 6),
    ("payroll", 6),
    ("tests", 6),
    ("fuzz", 6),
    ("xtask", 6),
    ("bench", 7),
];

/// What the two lowest floors must never bring in, by package name.
const NEVER_ON_THE_GROUND: &[&str] = &["tokio", "reqwest", "hyper", "axum", "sqlx", "rand", "jiff"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let name = |v: &serde_json::Value| v["name"].as_str().expect("a name").to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|p| (name(p), p["dependencies"].as_array().expect("dependencies").iter().map(name).collect()))
        .collect()
}

#[test]
fn every_crate_depends_on_lower_floors_only() {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    for (package, needs) in dependencies() {
        let floor = floors.get(package.as_str()).unwrap_or_else(|| panic!("{package} stands on no floor"));
        for need in needs {
            if let Some(below) = floors.get(need.as_str()) {
                assert!(below < floor, "{package} (floor {floor}) depends on {need} (floor {below})");
            }
        }
    }
}

#[test]
fn the_lower_floors_do_no_io() {
    let needs = dependencies();
    for (package, _) in FLOORS.iter().filter(|(_, floor)| *floor <= 1) {
        for banned in NEVER_ON_THE_GROUND {
            assert!(!needs[*package].iter().any(|n| n == banned), "{package} brings in {banned}");
        }
    }
}

#[test]
fn every_crate_says_what_it_is() {
    for (package, _) in FLOORS {
        let folder = ["crates", "services", "demo", "tests", "."]
            .iter()
            .map(|parent| root().join(parent).join(package))
            .find(|f| f.join("Cargo.toml").exists())
            .unwrap_or_else(|| root().join("src-tauri"));
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        assert!(readme.lines().count() >= 3, "{package} has no README.md");
    }
}
