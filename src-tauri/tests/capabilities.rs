//! Who may call what, resolved from the compiled-in capabilities and compared with the committed list.

use std::{collections::BTreeSet, fmt::Write, path::Path};

use tauri::ipc::Origin;

const LABELS: [(&str, &str); 4] =
    [("main", "main"), ("session-1", "bar-1"), ("session-1", "tenant-1"), ("session-1", "anything-else")];

/// What a page can be that is not ours, a name that only looks like ours among them.
const FOREIGN: [&str; 8] = [
    "https://payroll.test/o/delmar-foods/",
    "http://app.evil.com/",
    "http://tauri.localhost.evil.com/",
    "https://ipc.localhost/",
    "about:blank",
    "data:text/html,x",
    "blob:https://payroll.test/1",
    "file:///usr/share/countersign/index.html",
];

#[test]
fn x_05_webviews_may_call_what_the_list_says() {
    let mut context = countersign_app::context();
    let authority = context.runtime_authority_mut();
    let foreign = Origin::Remote { url: FOREIGN[0].parse().expect("an address") };
    let mut list = String::new();
    for (window, webview) in LABELS {
        for (origin, word) in [(&Origin::Local, "own pages"), (&foreign, "foreign pages")] {
            let allowed: Vec<_> = commands()
                .into_iter()
                .filter(|command| authority.resolve_access(command, window, webview, origin).is_some())
                .collect();
            let allowed = if allowed.is_empty() { "nothing".into() } else { allowed.join("\n  ") };
            writeln!(list, "{webview}, {word}:\n  {allowed}").expect("a string grows");
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/capabilities.txt");
    if std::env::var_os("COUNTERSIGN_WRITE_BINDINGS").is_some() {
        std::fs::write(&golden, &list).expect("the list is written");
    }
    assert_eq!(std::fs::read_to_string(&golden).expect("the committed list"), list);
}

#[test]
fn x_04_no_foreign_page_may_call_anything_from_any_webview() {
    let mut context = countersign_app::context();
    let authority = context.runtime_authority_mut();
    for address in FOREIGN {
        let origin = Origin::Remote { url: address.parse().expect("an address") };
        for (window, webview) in LABELS {
            let allowed: Vec<_> = commands()
                .into_iter()
                .filter(|command| authority.resolve_access(command, window, webview, &origin).is_some())
                .collect();
            assert!(allowed.is_empty(), "{address} in {webview} may call {allowed:?}");
        }
    }
}

#[test]
fn x_01_no_window_may_open_a_link_or_a_file_of_its_choice() {
    let commands = commands();
    let mut context = countersign_app::context();
    let authority = context.runtime_authority_mut();
    for (window, webview) in LABELS {
        for command in
            commands.iter().filter(|command| command.starts_with("plugin:opener|") || command.contains("shell"))
        {
            assert!(
                authority.resolve_access(command, window, webview, &Origin::Local).is_none(),
                "{webview}: {command}"
            );
        }
    }
}

/// Every command of the app, of Tauri itself and of its plugins that any permission can allow.
fn commands() -> BTreeSet<String> {
    let manifests = Path::new(env!("OUT_DIR")).join("acl-manifests.json");
    let manifests = std::fs::read_to_string(manifests).expect("the manifests of the build");
    let manifests: serde_json::Value = serde_json::from_str(&manifests).expect("JSON");
    let mut commands = BTreeSet::new();
    for (plugin, manifest) in manifests.as_object().expect("an object") {
        let permissions = manifest["permissions"].as_object().expect("permissions");
        let allowed = permissions.values().flat_map(|permission| {
            permission["commands"]["allow"]
                .as_array()
                .expect("commands")
                .iter()
                .map(|name| name.as_str().expect("a name"))
        });
        commands.extend(allowed.map(|name| match plugin.as_str() {
            "__app-acl__" => name.to_owned(),
            plugin => format!("plugin:{plugin}|{name}").replace("core:", ""),
        }));
    }
    assert!(commands.len() > 100, "only {} commands were found", commands.len());
    commands
}
