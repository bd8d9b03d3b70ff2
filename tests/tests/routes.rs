//! A call that stands in no table cannot exist: in the services, nothing but the table makes a router.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let of_tests = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !of_tests {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !of_tests {
            found.push(path);
        }
    }
}

#[test]
fn routers_are_made_of_tables() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for service in ["broker", "audit", "gateway"] {
        sources(&root.join("services").join(service).join("src"), &mut found);
    }
    assert!(found.len() > 100, "{}", found.len());
    for file in found {
        let text = std::fs::read_to_string(&file).expect("a source");
        let ships = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let makes = [".route(", ".route_service(", ".nest(", ".merge(", "Router::new(", ".fallback("];
        for word in makes {
            assert!(!ships.contains(word), "{} has {word}…: calls stand in the table", file.display());
        }
    }
}
