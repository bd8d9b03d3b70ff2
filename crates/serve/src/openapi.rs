//! OpenAPI 3.1 documents of tables of calls, for tests. Nothing in them is written by hand but each call's sentence: paths,
//! bodies and callers are the table's, statuses and codes are those that the walk of all callers saw.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use wire::event::EventKind;
use wire::problem::Problem;

use self::schemas::Schemas;
use self::security::{schemes, security, word};
use crate::call::{Body, Call, Leaves, Shape};

mod schemas;
mod security;

/// Whose calls they are.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The service's word.
    pub name: &'a str,
    pub description: &'a str,
    /// What each call of a person carries: `token`, `proof`, `sign-in-code`, `certificate`.
    pub person: &'a [&'a str],
}

/// The document of these calls, as the lines of the golden file saw them answered.
#[must_use]
pub fn document<A>(about: &About<'_>, calls: &[Call<A>], walked: &str) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    for call in calls {
        let operation = operation(about, call, walked, &mut schemas, &mut used);
        paths.entry(written(call.path)).or_default().insert(call.verb.word().to_ascii_lowercase(), operation);
    }
    let problem = schemas.of_answer(&Shape::of::<Problem>());
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": format!("Countersign: {}", about.name),
            "version": env!("CARGO_PKG_VERSION"),
            "description": about.description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": {"problem": {
                "description": "Refused, or failed: problem details (RFC 9457).",
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "securitySchemes": schemes(&used),
        },
    })
}

/// Where the document of this service is kept.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api")).join(format!("{name}.json"))
}

/// Whether the committed document is this one. `COUNTERSIGN_WRITE_API=1` writes it instead.
///
/// # Errors
/// When the file cannot be written.
pub fn is_current(name: &str, document: &Value) -> std::io::Result<bool> {
    let fresh = format!("{:#}\n", sorted(document));
    if std::env::var_os("COUNTERSIGN_WRITE_API").is_some() {
        std::fs::write(path(name), &fresh)?;
    }
    Ok(std::fs::read_to_string(path(name)).is_ok_and(|committed| committed == fresh))
}

/// In the order of the alphabet, whatever order a map has in this build.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, Value> = members.iter().map(|(name, v)| (name, sorted(v))).collect();
            Value::Object(members.into_iter().map(|(name, v)| (name.clone(), v)).collect())
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn operation<A>(
    about: &About<'_>,
    call: &Call<A>,
    walked: &str,
    schemas: &mut Schemas,
    used: &mut BTreeSet<String>,
) -> Value {
    let mut operation = json!({
        "operationId": id(call),
        "summary": call.summary,
        "parameters": parameters(call, schemas),
        "responses": responses(call, walked, schemas),
        "security": security(about, call, used),
        "x-callers": call.by.iter().map(word).collect::<Vec<_>>(),
        "x-events": events(call),
    });
    if let Some((media, schema)) = content(&call.takes, |shape| schemas.of_question(shape)) {
        operation["requestBody"] = json!({"required": true, "content": {media: {"schema": schema}}});
    }
    if let Some((typ, payload)) = &call.signed {
        operation["x-statement"] = json!({"typ": typ, "payload": schemas.of_question(payload)});
    }
    operation
}

/// As OpenAPI writes it.
fn written(path: &str) -> String {
    path.replace("{*", "{")
}

fn id<A>(call: &Call<A>) -> String {
    let words = call.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty() && *w != "v1");
    words.fold(call.verb.word().to_ascii_lowercase(), |id, word| {
        let (first, rest) = word.split_at(1);
        format!("{id}{}{rest}", first.to_ascii_uppercase())
    })
}

fn parameters<A>(call: &Call<A>, schemas: &mut Schemas) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in call.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let name = name.trim_start_matches('*');
        let shape = match name {
            "digest" | "request" => Shape::of::<domain::Digest>(),
            "session" => Shape::of::<domain::SessionId>(),
            "number" => Shape::of::<u64>(),
            _ => Shape::of::<String>(),
        };
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schemas.of_question(&shape)}));
    }
    parameters.extend(
        call.query.iter().flat_map(|query| schemas.fields(query)).map(
            |(name, required, schema)| json!({"name": name, "in": "query", "required": required, "schema": schema}),
        ),
    );
    parameters
}

fn content(body: &Body, of: impl FnOnce(&Shape) -> Value) -> Option<(&'static str, Value)> {
    let schema = match body {
        Body::Json(shape) | Body::Stream(shape) => of(shape),
        Body::Text => json!({"type": "string"}),
        Body::Nothing | Body::Octets => json!({}),
    };
    body.media().map(|media| (media, schema))
}

fn responses<A>(call: &Call<A>, walked: &str, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    match content(&call.gives, |shape| schemas.of_answer(shape)) {
        Some((media, schema)) => {
            responses.insert("200".into(), json!({"description": "Done.", "content": {media: {"schema": schema}}}));
        }
        None => {
            responses.insert("204".into(), json!({"description": "Done."}));
        }
    }
    for (status, codes) in refusals(call, walked) {
        let codes: Vec<_> = codes.into_iter().collect();
        let mut refusal = json!({"$ref": "#/components/responses/problem"});
        refusal["description"] = format!("Refused: {}.", codes.join(", ")).into();
        responses.insert(status.to_owned(), refusal);
    }
    responses.insert("default".into(), json!({"$ref": "#/components/responses/problem"}));
    Value::Object(responses)
}

/// Statuses and codes of refusals, from lines of verb, path, caller, status and code.
fn refusals<'a, A>(call: &Call<A>, walked: &'a str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut refusals: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in walked.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [verb, path, _, status, code] = words[..]
            && (verb, path) == (call.verb.word(), call.path)
        {
            refusals.entry(status).or_default().insert(code);
        }
    }
    refusals
}

fn events<A>(call: &Call<A>) -> Value {
    let (when, kinds): (_, &[EventKind]) = match call.leaves {
        Leaves::Each(kinds) => ("answered", kinds),
        Leaves::Given => ("given", &[]),
        Leaves::Nothing => ("nothing-to-tell", &[]),
        Leaves::Hourly(ref kind) => ("once-an-hour", std::slice::from_ref(kind)),
    };
    json!({when: kinds, "refused": call.refused})
}
