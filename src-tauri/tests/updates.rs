//! The update channel, with the configuration that ships and keys that were thrown away. `updates/` was made by minisign.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_app::updates::{is_on, updater};
use serde_json::json;
use tauri::{
    App,
    test::{MockRuntime, mock_builder, mock_context, noop_assets},
};

/// Newer than anything.
const NEXT: &str = "99.0.0";

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/updates").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What ships, as it is compiled in.
fn shipped() -> serde_json::Value {
    countersign_app::context().config().plugins.0["updater"].clone()
}

/// Serves a manifest and a package on loopback until the test ends, and answers the manifest's address.
fn server(version: &str, signature: &[u8], package: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = format!("http://{}", listener.local_addr().expect("an address"));
    let platform = json!({ "url": format!("{at}/package"), "signature": STANDARD.encode(signature) });
    let target = format!("{}-{}-deb", std::env::consts::OS, std::env::consts::ARCH);
    let manifest = json!({ "version": version, "platforms": { target: platform } }).to_string().into_bytes();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = [0; 4096];
            let read = stream.read(&mut head).expect("a request");
            let body = if head[..read].starts_with(b"GET /package") { &package } else { &manifest };
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(&[answer.as_bytes(), body].concat()).expect("an answer");
        }
    });
    format!("{at}/manifest.json")
}

/// The app that is asked, of version 0.1.0.
fn app(endpoint: &str) -> App<MockRuntime> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut context = mock_context(noop_assets());
    let mut config = shipped();
    config["pubkey"] = STANDARD.encode(file("key.pub")).into();
    config["endpoints"] = json!([endpoint]);
    context.config_mut().version = Some("0.1.0".into());
    context.package_info_mut().version = "0.1.0".parse().expect("a version");
    context.config_mut().plugins.0.insert("updater".into(), config);
    assert!(is_on(context.config()));
    mock_builder().plugin(tauri_plugin_updater::Builder::new().build()).build(context).expect("an app")
}

/// The package that would be installed, `None` when none is offered, or why it is refused.
fn offered(version: &str, signature: &[u8], package: Vec<u8>) -> Result<Option<Vec<u8>>, String> {
    let app = app(&server(version, signature, package));
    tauri::async_runtime::block_on(async {
        let update = updater(app.handle()).map_err(|error| error.to_string())?;
        let Some(update) = update.check().await.map_err(|error| error.to_string())? else { return Ok(None) };
        update.download(|_, _| {}, || {}).await.map(Some).map_err(|error| error.to_string())
    })
}

#[test]
fn x_07_what_ships_looks_for_nothing_until_a_key_is_built_in() {
    let context = countersign_app::context();
    assert!(!is_on(context.config()));
    let config = shipped();
    assert_eq!(
        config,
        json!({ "pubkey": "", "endpoints": [], "requireSignedVersion": true }),
        "and nothing is loosened"
    );
}

#[test]
fn x_07_the_next_version_is_taken_when_the_key_signed_it() {
    assert_eq!(offered(NEXT, &file("next.minisig"), file("package.bin")), Ok(Some(file("package.bin"))));
}

#[test]
fn x_07_what_the_key_did_not_sign_is_refused() {
    let mut longer = file("package.bin");
    longer.push(b'\n');
    let shorter = file("package.bin")[..20].to_vec();
    for (what, signature, package) in [
        ("unsigned", Vec::new(), file("package.bin")),
        ("signed with another key", file("other.minisig"), file("package.bin")),
        ("longer", file("next.minisig"), longer),
        ("truncated", file("next.minisig"), shorter),
        ("empty", file("next.minisig"), Vec::new()),
        ("signed without a version", file("unnamed.minisig"), file("package.bin")),
    ] {
        let answer = offered(NEXT, &signature, package);
        assert!(answer.is_err(), "{what}: {answer:?}");
    }
}

#[test]
fn x_07_nothing_leads_back_to_an_older_version() {
    for version in ["0.0.1", "0.1.0", "0.1.0-rc.1"] {
        assert_eq!(offered(version, &file("old.minisig"), file("package.bin")), Ok(None), "{version}");
    }
    // What was signed long ago, offered as new.
    let answer = offered(NEXT, &file("old.minisig"), file("package.bin"));
    assert!(answer.as_ref().is_err_and(|why| why.contains("0.0.1")), "{answer:?}");
}
