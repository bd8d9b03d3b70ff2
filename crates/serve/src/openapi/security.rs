use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::About;
use crate::call::{Call, Who};

const CODE: &str = "sign-in-code";

pub(super) fn security<A>(about: &About<'_>, call: &Call<A>, used: &mut BTreeSet<String>) -> Vec<Value> {
    let mut ways: Vec<Value> = Vec::new();
    for who in call.by {
        let names: Vec<&str> = match who {
            Who::Anybody => Vec::new(),
            // Neither has given a code yet.
            Who::SignedIn | Who::Enrolled => about.person.iter().copied().filter(|name| *name != CODE).collect(),
            Who::Admitted | Who::Role(_) | Who::Requester => about.person.to_vec(),
            Who::Service(_) | Who::Session => vec!["certificate"],
            Who::Assertion => vec!["assertion"],
        };
        used.extend(names.iter().map(|name| (*name).to_owned()));
        let way = Value::Object(names.iter().map(|name| ((*name).to_owned(), json!([]))).collect());
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

pub(super) fn schemes(used: &BTreeSet<String>) -> Value {
    let all = json!({
        "token": {"type": "http", "scheme": "DPoP", "description": "The PK token of a sign-in (RFC 9449)."},
        "proof": {"type": "apiKey", "in": "header", "name": "DPoP", "description": "A proof of the Device key, good for one call (RFC 9449)."},
        "sign-in-code": {"type": "apiKey", "in": "header", "name": wire::MFA_HEADER, "description": "The broker's attestation of the sign-in's second factor."},
        "certificate": {"type": "mutualTLS", "description": "A client certificate: a service's of the internal CA, or the one that a Session is opened with."},
        "assertion": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The gateway's assertion of the request that is answered."},
    });
    let Value::Object(mut all) = all else { return Value::Null };
    all.retain(|name, _| used.contains(name));
    Value::Object(all)
}

/// As callers stand in documents.
pub(super) fn word(who: &Who) -> String {
    match who {
        Who::Anybody => "anybody".into(),
        Who::SignedIn => "signed-in".into(),
        Who::Enrolled => "enrolled".into(),
        Who::Admitted => "admitted".into(),
        Who::Role(role) => json!(role).as_str().unwrap_or_default().to_owned(),
        Who::Requester => "requester".into(),
        Who::Service(service) => format!("service:{}", service.name()),
        Who::Session => "session".into(),
        Who::Assertion => "assertion".into(),
    }
}
