mod again;

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use desktop::{Engine, EngineConfig};
use domain::SystemClock;
use tauri::{App, AppHandle, Context, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder, WindowEvent, Wry};
use tauri_specta::Event as _;

use crate::{
    asked::Asked,
    automation,
    bell::Bell,
    bindings,
    instance::{self, Instance, Meeting},
    leaving, link,
    memory::{Memory, SMALLEST},
    notices, replay, session,
    start::Settings,
    tray, updates,
};

pub(crate) const MAIN: &str = "main";

/// The app's configuration, pages and capabilities, as they are compiled in.
#[must_use]
pub fn context() -> Context<Wry> {
    tauri::generate_context!()
}

/// Opens the window and runs until it is closed. When the profile has a window already, that one comes to the front.
///
/// # Errors
/// When the engine or the window cannot be started.
pub fn run(settings: Settings) -> anyhow::Result<()> {
    automation::refuse()?;
    let data_dir = settings.data_dir.clone().map_or_else(desktop::data_dir, Ok)?;
    let folder = data_dir.join(&settings.profile);
    let config =
        EngineConfig { profile: settings.profile.clone(), data_dir, keyring: None, clock: Arc::new(SystemClock) };
    let engine = Engine::new(config)?;
    let place = instance::meet(&folder, settings.link.as_deref()).context("the profile's folder cannot be used")?;
    let Instance::First(meeting) = place else { return Ok(()) };
    // The keyring takes its time: it is asked while the window opens, and answers once.
    let early = engine.clone();
    tauri::async_runtime::spawn(async move { early.state().await });
    let surface = bindings::surface();
    let commands = surface.invoke_handler();
    let context = context();
    let mut builder = tauri::Builder::default();
    if updates::is_on(context.config()) {
        builder = builder.plugin(tauri_plugin_updater::Builder::new().build());
    }
    let app = builder
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .register_uri_scheme_protocol(replay::SCHEME, replay::answer)
        .manage(engine)
        .manage(Memory::open(&folder))
        .manage(leaving::Question::default())
        .manage(session::Addresses::default())
        .manage(session::Standing::default())
        .manage(again::MainStops::default())
        .manage(tray::Tray::default())
        .manage(Bell::default())
        .invoke_handler(commands)
        .setup(move |app| {
            surface.mount_events(app);
            set_up(app, &settings, &folder, meeting).map_err(Into::into)
        })
        .build(context)
        .context("the window could not be opened")?;
    app.run(|app, event| {
        if let RunEvent::WindowEvent { label, event, .. } = event
            && label == MAIN
        {
            main_window(app, &event);
        }
    });
    Ok(())
}

/// Shows the main window in front.
pub(crate) fn show_main(app: &AppHandle) {
    if let Some(main) = app.get_webview_window(MAIN) {
        let _ = main.show().and_then(|()| main.unminimize()).and_then(|()| main.set_focus());
    }
}

fn set_up(app: &App, settings: &Settings, folder: &Path, meeting: Meeting) -> tauri::Result<()> {
    open_main(app, settings, folder)?;
    let handle = app.handle().clone();
    meeting.listen(move |link| {
        show_main(&handle);
        if let Some(page) = link::page(link) {
            let _ = Asked::Page { page }.emit(&handle);
        }
    });
    tray::start(app.handle(), folder.join("tray"));
    updates::watch(app.handle(), folder.to_owned());
    let handle = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        let engine = handle.state::<Engine>().inner().clone();
        engine.watch();
        notices::forward(handle, engine).await;
    });
    Ok(())
}

fn open_main(app: &App, settings: &Settings, folder: &Path) -> tauri::Result<()> {
    let title = if settings.profile == "default" {
        "Countersign".into()
    } else {
        format!("{} · Countersign", settings.profile)
    };
    let memory = app.state::<Memory>();
    let ((width, height), theme) = (memory.size(), memory.theme());
    app.handle().set_theme(theme.of_window());
    let page = settings.link.as_deref().and_then(link::page).unwrap_or_default();
    let page = format!("index.html?theme={}#/{page}", theme.of_page());
    let main = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(page.into()))
        .title(title)
        .inner_size(width, height)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .theme(theme.of_window())
        .data_directory(folder.join("webview"))
        // The page takes what is dropped on it itself; the shell never learns of a path.
        .disable_drag_drop_handler()
        .on_navigation(|url| matches!(url.scheme(), "tauri" | replay::SCHEME) || url.as_str() == "about:blank")
        .build()?;
    #[cfg(target_os = "linux")]
    let heeding = app.handle().clone();
    #[cfg(target_os = "linux")]
    main.with_webview(move |platform| {
        crate::drawing::by_the_processor(&platform.inner());
        crate::stopping::listen(&platform.inner(), move |life| again::heed(&heeding, life));
        if let Err(error) = crate::silence::keep_and_lead_nowhere(&platform.inner()) {
            // A window that could be made to speak to the network by what it replays is not opened.
            eprintln!("Countersign needs WebKitGTK 2.42 or later: {error}.");
            std::process::exit(2);
        }
    })?;
    Ok(())
}

fn main_window(app: &AppHandle, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            leaving::ask(app);
        }
        WindowEvent::Destroyed => leaving::quit(app),
        WindowEvent::Resized(size) => {
            let Some(main) = app.get_webview_window(MAIN) else { return };
            if let (Ok(scale), Ok(false), Ok(false)) = (main.scale_factor(), main.is_maximized(), main.is_fullscreen())
            {
                let size = size.to_logical::<f64>(scale);
                app.state::<Memory>().note_size(size.width, size.height);
            }
        }
        _ => {}
    }
}
