use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use checkpoint::LogSigner;
use domain::Scope;
use policy::Policy;
use statement::{DeviceKey, Limits, Trust, sha256};
use wire::join::JoinFile;

use super::child::command;
use super::*;

/// A join file of an installation whose accounts are at this issuer.
pub fn join_file(folder: &Path, issuer: &str) -> String {
    let nowhere = "https://127.0.0.1:1".to_owned();
    let key = rcgen::KeyPair::generate().unwrap();
    let ca = rcgen::CertificateParams::new(vec!["ca".into()]).unwrap().self_signed(&key).unwrap().pem();
    let file = JoinFile {
        operator: "Kestrel".into(),
        broker: nowhere.clone(),
        audit: nowhere.clone(),
        gateway: nowhere,
        ca,
        trust: Trust {
            issuer: issuer.into(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "countersign_roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key: LogSigner::from_seed("countersign.test/log", &[5; 32]).unwrap().verifier_key(),
            attestation_key: DeviceKey::generate().unwrap().0.public(),
            first_administrators: vec![sha256("one"), sha256("two")],
            limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
            policy: Policy::compiled_in().digest().clone(),
            waits: statement::Waits::default(),
        },
        policy: Policy::compiled_in().text().to_owned(),
        witnesses: Vec::new(),
    };
    let path = folder.join("join.json");
    std::fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A provider that only says where it is.
fn provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let of = |path: &str| format!("{issuer}/{path}");
    let discovery = serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": of("authorize"),
        "token_endpoint": of("token"),
        "jwks_uri": of("jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
    .to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or_default();
            let jwks = head[..length].starts_with(b"GET /jwks");
            let body = if jwks { "{\"keys\":[]}" } else { &discovery };
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
            drop(write!(stream, "{head} {length}\r\n\r\n{body}"));
        }
    });
    issuer
}

/// What the browser gets at this address.
fn browse(url: &url::Url, cookie: &str) -> String {
    let authority = format!("127.0.0.1:{}", url.port().unwrap());
    let mut stream = TcpStream::connect(&authority).unwrap();
    let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {authority}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_sign_in_that_the_provider_refuses_ends_the_command_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let join = join_file(folder.path(), &provider());
    assert!(run(folder.path(), &["join", &join]).well);
    let mut login = Child::begin(command(folder.path(), &["login", "--no-browser"]));
    let begun = login.first_answer();
    let start = browse(&begun["url"].as_str().unwrap().parse().unwrap(), "");
    let (_, cookie) = start.split_once("set-cookie: ").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let link = start.split("id=continue href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let link: url::Url = link.parse().unwrap();
    let of = |name: &str| link.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    let mut back: url::Url = of("redirect_uri").parse().unwrap();
    back.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &of("state"));
    browse(&back, cookie);
    let ended = login.ended();
    let error = ended.error();
    assert_eq!((ended.well, error["code"].as_str()), (false, Some("provider-refused")), "{error}");
    assert!(!error["next"].as_str().unwrap().is_empty());
}

#[test]
fn a_provider_that_does_not_answer_ends_the_command_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let join = join_file(folder.path(), "http://127.0.0.1:1");
    assert!(run(folder.path(), &["join", &join]).well);
    let ended = run(folder.path(), &["login", "--no-browser"]);
    assert_eq!((ended.well, ended.error()["code"].as_str()), (false, Some("provider-unreachable")));
}
