//! The bundle and the Evidence file that fuzzing begins with (`tests/fuzz/corpus`) are good ones. Made again with
//! `COUNTERSIGN_BLESS=1`, when what they consist of has changed.

use std::path::{Path, PathBuf};

use statement::{Bundle, ProviderKeys, sha256, verify_open};
use tests::forge::Case;
use wire::join::TrustFile;

const OPEN: i64 = 1_800_000_000;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)
}

fn make_again() {
    let case = Case::new(OPEN);
    let json = |value: &Bundle| serde_json::to_string(value).expect("JSON");
    std::fs::write(corpus("bundle/ordinary"), json(&case.good.bundle)).expect("written");
    std::fs::write(corpus("evidence/ordinary"), &case.bytes).expect("written");
    let trust = serde_json::to_string_pretty(&case.trust).expect("JSON");
    std::fs::write(corpus("trust.json"), trust + "\n").expect("written");
}

#[test]
fn what_fuzzing_begins_with_is_good() {
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        make_again();
    }
    let read = |name: &str| std::fs::read(corpus(name)).expect("a file of the corpus");
    let stale = "stale: run this test with COUNTERSIGN_BLESS=1";
    let trust: TrustFile = serde_json::from_slice(&read("trust.json")).expect(stale);
    let keys = ProviderKeys::from_jwks(trust.provider_keys.last().expect(stale).jwks.as_bytes()).expect(stale);
    let bundle: Bundle = serde_json::from_slice(&read("bundle/ordinary")).expect(stale);
    let tls_client = sha256("the DER of the Session's certificate");
    verify_open(&bundle, &trust.trust, &keys, &tls_client, OPEN + 1).expect(stale);
    verify::verify(&read("evidence/ordinary"), &trust).expect(stale);
}
