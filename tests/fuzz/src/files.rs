//! Bundles and Evidence files, beside one of each that is right (`corpus/`, made by the package `tests`).

use std::sync::OnceLock;

use statement::{Bundle, ProviderKeys, sha256, verify_open};
use wire::join::TrustFile;

const TRUST: &str = include_str!("../corpus/trust.json");
const BUNDLE: &str = include_str!("../corpus/bundle/ordinary");
const EVIDENCE: &[u8] = include_bytes!("../corpus/evidence/ordinary");
/// When the Session of the corpus was opened.
const OPENED_AT: i64 = 1_800_000_001;

fn trust() -> &'static (TrustFile, ProviderKeys) {
    static TRUST_FILE: OnceLock<(TrustFile, ProviderKeys)> = OnceLock::new();
    TRUST_FILE.get_or_init(|| {
        let trust: TrustFile = serde_json::from_str(TRUST).expect("a trust file");
        let keys = trust.provider_keys.last().expect("a key set").jwks.as_bytes();
        let keys = ProviderKeys::from_jwks(keys).expect("a key set");
        (trust, keys)
    })
}

/// Nothing opens but what was signed: whatever is changed in it.
pub fn bundle(bytes: &[u8]) {
    let Ok(bundle) = serde_json::from_slice::<Bundle>(bytes) else { return };
    let again = serde_json::to_string(&bundle).expect("writes");
    assert_eq!(serde_json::from_str::<Bundle>(&again).expect("reads what it wrote"), bundle);
    let (trust, keys) = trust();
    let tls_client = sha256("the DER of the Session's certificate");
    if let Ok(opening) = verify_open(&bundle, &trust.trust, keys, &tls_client, OPENED_AT) {
        let right: Bundle = serde_json::from_str(BUNDLE).expect("the bundle of the corpus");
        let signed = |compact: &str| compact.rsplit_once('.').map(|(input, _)| input.to_owned());
        assert_eq!(signed(&bundle.request), signed(&right.request), "a request that nobody signed opens");
        assert_eq!(bundle.decisions.len(), right.decisions.len());
        for (one, other) in bundle.decisions.iter().zip(&right.decisions) {
            assert_eq!(signed(one), signed(other), "a decision that nobody signed opens");
        }
        assert_eq!(signed(&bundle.open), signed(&right.open));
        assert!(opening.decisions().iter().all(|d| d.identity.person != opening.request().identity.person));
    }
}

/// No byte of an Evidence file can be another.
pub fn evidence(bytes: &[u8]) {
    if verify::verify(bytes, &trust().0).is_ok() {
        assert!(bytes == EVIDENCE, "an Evidence file that nobody made verifies");
    }
}
