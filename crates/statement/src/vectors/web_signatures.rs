//! Wycheproof's vectors of whole JSON Web Signatures and key sets.

use serde_json::Value;

use super::{is_supported, outcome};
use crate::b64;

const SIGNATURES: &str = include_str!("../../../../tests/vectors/wycheproof/json_web_signature_test.json");
const KEYS: &str = include_str!("../../../../tests/vectors/wycheproof/json_web_key_test.json");

/// What became of the vectors of one file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    accepted: usize,
    /// Valid, and of a kind that the product does not take.
    unsupported: usize,
    rejected: usize,
}

#[test]
fn every_web_signature_is_taken_or_refused_as_it_must_be() {
    let count = run(SIGNATURES, |group| vec![group.get("public").unwrap_or(&group["private"]).clone()]);
    assert_eq!(count, Count { accepted: 16, unsupported: 30, rejected: 355 });
}

#[test]
fn every_key_set_is_taken_or_refused_as_it_must_be() {
    let keys = |group: &Value| {
        let set = group.get("public").unwrap_or(&group["private"]);
        set["keys"].as_array().expect("keys").clone()
    };
    assert_eq!(run(KEYS, keys), Count { accepted: 1, unsupported: 4, rejected: 21 });
}

fn run(file: &str, keys: impl Fn(&Value) -> Vec<Value>) -> Count {
    let file: Value = serde_json::from_str(file).expect("json");
    let mut count = Count::default();
    for group in file["testGroups"].as_array().expect("groups") {
        let keys = keys(group);
        for test in group["tests"].as_array().expect("tests") {
            let jws = test["jws"].as_str().expect("a text");
            let outcome = outcome(jws, &keys.iter().collect::<Vec<_>>());
            let must = test["result"] == "valid" && algorithm(jws).is_some_and(|alg| is_supported(&alg));
            assert_eq!(outcome.is_ok(), must, "{} {}: {outcome:?}", group["comment"], test["tcId"]);
            match (test["result"] == "valid", must) {
                (true, true) => count.accepted += 1,
                (true, false) => count.unsupported += 1,
                (false, _) => count.rejected += 1,
            }
        }
    }
    count
}

fn algorithm(jws: &str) -> Option<String> {
    let header: Value = serde_json::from_slice(&b64::decode(jws.split('.').next()?).ok()?).ok()?;
    header["alg"].as_str().map(str::to_owned)
}
