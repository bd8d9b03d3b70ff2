//! The committed document of the API is the table's. `COUNTERSIGN_WRITE_API=1` writes it instead.

use serve::openapi::{About, document, is_current};

use crate::routes::CALLS;

#[test]
fn the_committed_document_is_current() {
    let about = About {
        name: "broker",
        description: "Access Requests and their decisions, enrolments, one-time codes, notices to desktops, leases for the gateway.",
        person: &["token", "proof"],
    };
    let document = document(&about, &CALLS, include_str!("../../tests/golden/roles.txt"));
    assert!(is_current("broker", &document).expect("written"), "docs/api/broker.json is stale: run `cargo xtask api`");
}
