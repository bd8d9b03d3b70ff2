use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use desktop::{Engine, EngineConfig};
use domain::SystemClock;
use tauri::{App, AppHandle, Context, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder, Wry};

use crate::{bindings, notices, replay, start::Settings};

const MAIN: &str = "main";
const ENDING: Duration = Duration::from_secs(3);

/// The app's configuration, pages and capabilities, as they are compiled in.
#[must_use]
pub fn context() -> Context<Wry> {
    tauri::generate_context!()
}

/// Opens the window and runs until it is closed.
///
/// # Errors
/// When the engine or the window cannot be started.
pub fn run(settings: Settings) -> anyhow::Result<()> {
    let data_dir = settings.data_dir.map_or_else(desktop::data_dir, Ok)?;
    let config =
        EngineConfig { profile: settings.profile.clone(), data_dir, keyring: None, clock: Arc::new(SystemClock) };
    let webview_data = config.data_dir.join(&config.profile).join("webview");
    let engine = Engine::new(config)?;
    let surface = bindings::surface();
    let commands = surface.invoke_handler();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .register_uri_scheme_protocol(replay::SCHEME, replay::answer)
        .manage(engine.clone())
        .invoke_handler(commands)
        .setup(move |app| {
            surface.mount_events(app);
            open_main(app, &settings.profile, webview_data)?;
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                engine.watch();
                notices::forward(handle, engine).await;
            });
            Ok(())
        })
        .build(context())
        .context("the window could not be opened")?;
    app.run(|app, event| {
        if let RunEvent::WindowEvent { label, event: tauri::WindowEvent::Destroyed, .. } = event
            && label == MAIN
        {
            end_everything(app);
            app.exit(0);
        }
    });
    Ok(())
}

fn open_main(app: &App, profile: &str, webview_data: PathBuf) -> tauri::Result<()> {
    let title = if profile == "default" { "Countersign".into() } else { format!("{profile} · Countersign") };
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title(title)
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .data_directory(webview_data)
        .on_navigation(|url| matches!(url.scheme(), "tauri" | replay::SCHEME) || url.as_str() == "about:blank")
        .build()?;
    Ok(())
}

/// Leaving ends what is open: a door must not stay when nobody can see it.
fn end_everything(app: &AppHandle) {
    let engine = app.state::<Engine>().inner().clone();
    let ending = async move {
        for door in engine.doors() {
            let _ = engine.end_session(&door.request).await;
        }
    };
    let _ = tauri::async_runtime::block_on(tokio::time::timeout(ENDING, ending));
}
