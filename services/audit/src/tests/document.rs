//! The committed document of the API is the table's. `COUNTERSIGN_WRITE_API=1` writes it instead.

use serve::openapi::{About, document, is_current};

use crate::routes::CALLS;

#[test]
fn the_committed_document_is_current() {
    let about = About {
        name: "audit",
        description: "The log of Events, the sealed Recordings, Reviews, Evidence.",
        person: &["token", "proof", "sign-in-code"],
    };
    let document = document(&about, &CALLS, include_str!("../../tests/golden/roles.txt"));
    assert!(is_current("audit", &document).expect("written"), "docs/api/audit.json is stale: run `cargo xtask api`");
}
