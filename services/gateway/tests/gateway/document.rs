//! The committed document of the gateway's own calls is the table's. `COUNTERSIGN_WRITE_API=1` writes it instead.

use serve::openapi::{About, document, is_current};

#[test]
fn the_committed_document_is_current() {
    let about = About {
        name: "gateway",
        description: "The gateway's own calls, on its own host names. Whatever bears another host name is traffic of a Session.",
        person: &["certificate"],
    };
    let document = document(&about, &gateway::calls(), include_str!("../golden/roles.txt"));
    assert!(is_current("gateway", &document).unwrap(), "docs/api/gateway.json is stale: run `cargo xtask api`");
}
