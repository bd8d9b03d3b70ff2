//! What the shell around the windows does not do.

use std::{fs, path::Path};

/// Every source of the shell and of the app's face, tests and stories aside.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("src"), root.join("../ui/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources").map(|e| e.expect("an entry").path()) {
            let name = entry.to_string_lossy().into_owned();
            if entry.is_dir() {
                folders.push(entry);
            } else if ["rs", "ts", "tsx"].iter().any(|e| name.ends_with(&format!(".{e}"))) && !name.contains(".test.") {
                let text = fs::read_to_string(&entry).expect("a source");
                found.push((name, text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()));
            }
        }
    }
    assert!(found.len() > 100, "the sources were not found");
    found
}

fn who_says(word: &str) -> Vec<String> {
    sources().into_iter().filter(|(_, text)| text.contains(word)).map(|(name, _)| name).collect()
}

/// Another app that takes our links learns a page's name, since nothing of ours is ever sent by one: sign-in comes
/// back over loopback, and the only places that know links are the one that turns them into pages and the one that
/// names a Session by one.
#[test]
fn x_02_no_secret_travels_by_a_link_that_another_app_could_take() {
    let mut makers: Vec<_> = who_says("countersign://");
    makers.retain(|name| !name.ends_with("src/link.rs") && !name.ends_with("ui/src/parts/route.ts"));
    assert!(makers.is_empty(), "{makers:?}");
    let made =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/parts/route.ts")).expect("a source");
    assert_eq!(made.matches("countersign://").count(), 1);
    assert!(made.contains("`countersign://session/${id}`"), "it names a Session");
    let redirects: Vec<_> = who_says("redirect_uri").into_iter().filter(|n| !n.contains("/backend/fake/")).collect();
    assert!(redirects.is_empty(), "the shell and the pages know nothing of sign-in's way back: {redirects:?}");
}

#[test]
fn x_08_no_developer_tools_in_what_is_released() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("a manifest");
    assert!(!manifest.contains("devtools"), "Tauri opens its inspector in a release only with this feature");
    assert!(who_says("open_devtools").is_empty() && who_says("set_enable_developer_extras").is_empty());
}

#[test]
fn x_08_what_is_dropped_on_a_window_never_becomes_a_path() {
    let builders: Vec<_> = sources().into_iter().filter(|(_, text)| text.contains("Builder::new(")).collect();
    let made: usize = builders
        .iter()
        .map(|(_, t)| t.matches("WebviewWindowBuilder::new(").count() + t.matches("WebviewBuilder::new(").count())
        .sum();
    let deaf: usize = builders.iter().map(|(_, t)| t.matches(".disable_drag_drop_handler()").count()).sum();
    assert!(made >= 3, "{made} webviews are built");
    assert_eq!(made, deaf, "each webview is built without Tauri's drop handler");
}

/// The clipboard is written where a person pressed a button, and read nowhere.
#[test]
fn x_08_nothing_reads_the_clipboard() {
    for reading in ["clipboard.read", "readText", "clipboard-manager", "getClipboard"] {
        assert_eq!(who_says(reading), Vec::<String>::new(), "{reading}");
    }
}

/// Nobody can keep a person from photographing a screen; the app itself, and what runs in its windows, never takes a
/// picture of one.
#[test]
fn x_08_nothing_takes_a_picture_of_a_window_or_of_the_screen() {
    for taking in
        ["getDisplayMedia", "desktopCapture", "ScreenCast", "xcap", "screenshot", "get_snapshot", "SnapshotRegion"]
    {
        assert_eq!(who_says(taking), Vec::<String>::new(), "{taking}");
    }
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("a manifest");
    assert!(!manifest.contains("screenshot") && !manifest.contains("xcap"), "no library takes one");
    let windows = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session/window.rs"));
    let windows = windows.expect("a source");
    let page = windows.split("fn tenant_builder").nth(1).expect("how an Organization's page is shown");
    let page = page.split("\n}").next().expect("its end");
    assert!(
        page.contains(".on_permission_request(|_, _| PermissionResponse::Deny)"),
        "a page asks for the screen in vain"
    );
}
