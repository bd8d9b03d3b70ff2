//! The committed TypeScript is what the commands say. `COUNTERSIGN_WRITE_BINDINGS=1` writes it instead.

use countersign_app::bindings;

#[test]
fn the_committed_bindings_are_current() {
    if std::env::var_os("COUNTERSIGN_WRITE_BINDINGS").is_some() {
        bindings::write(&bindings::path()).expect("the bindings are written");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fresh = folder.path().join("bindings.ts");
    bindings::write(&fresh).expect("the bindings are written");
    let fresh = std::fs::read_to_string(fresh).expect("the fresh file");
    let committed = std::fs::read_to_string(bindings::path()).unwrap_or_default();
    assert!(fresh == committed, "ui/src/generated/bindings.ts is stale: run `cargo xtask bindings`");
}
