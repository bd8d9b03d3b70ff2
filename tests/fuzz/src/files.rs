//! Bundles, what two administrators signed, and Evidence files, beside one of each that is right (`corpus/`, made by the package
//! `tests`).

use std::sync::OnceLock;

use policy::Policies;
use statement::{Adoption, Bundle, Forgetting, ProviderKeys, sha256, verify_forgetting, verify_open};
use wire::evidence::{Content, Evidence};
use wire::join::TrustFile;

const TRUST: &str = include_str!("../corpus/trust.json");
const BUNDLE: &str = include_str!("../corpus/bundle/ordinary");
const ADOPTION: &str = include_str!("../corpus/bundle/adoption");
const FORGETTING: &str = include_str!("../corpus/bundle/forgetting");
/// One of each kind.
const EVIDENCE: [&[u8]; 7] = [
    include_bytes!("../corpus/evidence/ordinary"),
    include_bytes!("../corpus/evidence/adopted"),
    include_bytes!("../corpus/evidence/break-glass"),
    include_bytes!("../corpus/evidence/cosigned"),
    include_bytes!("../corpus/evidence/extended"),
    include_bytes!("../corpus/evidence/forgotten"),
    include_bytes!("../corpus/evidence/period"),
];
/// When the Sessions of the corpus were opened.
const OPENED_AT: i64 = 1_800_000_001;
/// When the Organization of the corpus was forgotten.
const FORGOTTEN_AT: i64 = OPENED_AT + 24 * 3600 + 60;

struct Pinned {
    trust: TrustFile,
    keys: ProviderKeys,
    policies: Policies,
}

fn pinned() -> &'static Pinned {
    static PINNED: OnceLock<Pinned> = OnceLock::new();
    PINNED.get_or_init(|| {
        let trust: TrustFile = serde_json::from_str(TRUST).expect("a trust file");
        let keys = trust.provider_keys.last().expect("a key set").jwks.as_bytes();
        let keys = ProviderKeys::from_jwks(keys).expect("a key set");
        let file: Evidence = serde_json::from_slice(EVIDENCE[0]).expect("a file");
        let content: Content = serde_json::from_str(&file.content).expect("its content");
        let policies = Policies::pinned(&trust.trust, &content.policy).expect("the pinned policy");
        Pinned { trust, keys, policies }
    })
}

/// What was signed of a statement, whoever signed it.
fn signed(compact: &str) -> &str {
    compact.rsplit_once('.').map_or(compact, |(input, _)| input)
}

fn same(read: &[String], right: &[String]) {
    let [read, right] = [read, right].map(|all| all.iter().map(|one| signed(one)).collect::<Vec<_>>());
    assert_eq!(read, right, "what nobody signed is taken");
}

/// Nothing opens but what was signed, and nothing else is adopted or forgotten: whatever is changed in it.
pub fn bundle(bytes: &[u8]) {
    let _ = verifies(bytes);
}

/// Whether this is a bundle, an adoption or a forgetting that holds.
#[must_use]
pub fn verifies(bytes: &[u8]) -> bool {
    let Pinned { trust, keys, policies } = pinned();
    if let Ok(adoption) = serde_json::from_slice::<Adoption>(bytes) {
        let followed = policies.follow(&adoption, keys, OPENED_AT).is_ok();
        if followed {
            let right: Adoption = serde_json::from_str(ADOPTION).expect("the adoption of the corpus");
            same(&adoption.statements, &right.statements);
            assert_eq!(adoption.text, right.text);
        }
        return followed;
    }
    if let Ok(forgetting) = serde_json::from_slice::<Forgetting>(bytes) {
        let holds = verify_forgetting(&forgetting, &trust.trust, keys, FORGOTTEN_AT).is_ok();
        if holds {
            let right: Forgetting = serde_json::from_str(FORGETTING).expect("the forgetting of the corpus");
            same(&forgetting.statements, &right.statements);
        }
        return holds;
    }
    let Ok(bundle) = serde_json::from_slice::<Bundle>(bytes) else { return false };
    let again = serde_json::to_string(&bundle).expect("writes");
    assert_eq!(serde_json::from_str::<Bundle>(&again).expect("reads what it wrote"), bundle);
    let tls_client = sha256("the DER of the Session's certificate");
    let opening = verify_open(&bundle, &trust.trust, keys, &tls_client, OPENED_AT);
    if let Ok(opening) = &opening {
        let right: Bundle = serde_json::from_str(BUNDLE).expect("the bundle of the corpus");
        same(std::slice::from_ref(&bundle.request), std::slice::from_ref(&right.request));
        same(&bundle.decisions, &right.decisions);
        same(std::slice::from_ref(&bundle.open), std::slice::from_ref(&right.open));
        assert!(opening.decisions().iter().all(|d| d.identity.person != opening.request().identity.person));
    }
    opening.is_ok()
}

/// No byte of an Evidence file can be another.
pub fn evidence(bytes: &[u8]) {
    if verify::verify(bytes, &pinned().trust).is_ok() {
        assert!(EVIDENCE.contains(&bytes), "an Evidence file that nobody made verifies");
    }
    // What stands in it is read whole, also where the log answers for another text.
    if let Ok(file) = serde_json::from_slice::<Evidence>(bytes) {
        let again = serde_json::to_vec(&file).expect("writes");
        assert_eq!(serde_json::from_slice::<Evidence>(&again).expect("reads what it wrote"), file);
    }
}
