//! Newer versions, signed with the key whose public half is built in. A build without one looks for nothing.
//!
//! No page of the app has a say in it: the question is the system's own window, so that a page that was taken over can
//! neither ask it nor answer it.

use std::{
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};
use desktop::Engine;
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_updater::{Updater, UpdaterExt as _};

use crate::question;

/// Where the package puts the program. Started from elsewhere it is a build of somebody's own, which nothing replaces.
const INSTALLED: &str = "/usr/bin/countersign";
const AFTER_START: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two looks whether Sessions are still open.
const WAITING: Duration = Duration::from_secs(5 * 60);
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether this build has a key and a place to look.
#[must_use]
pub fn is_on(config: &tauri::Config) -> bool {
    let updater = config.plugins.0.get("updater");
    let key = updater.and_then(|one| one["pubkey"].as_str()).unwrap_or_default();
    let places = updater.and_then(|one| one["endpoints"].as_array()).map_or(0, Vec::len);
    !key.is_empty() && places > 0
}

/// What asks for newer versions of the Debian package, as the build's configuration says.
///
/// # Errors
/// When the configuration cannot be used.
pub fn updater<R: Runtime>(app: &AppHandle<R>) -> tauri_plugin_updater::Result<Updater> {
    let target = format!("{}-{}-deb", std::env::consts::OS, std::env::consts::ARCH);
    app.updater_builder().target(target).timeout(PATIENCE).build()
}

/// Looks after the start and once a day, when the package was installed and has a key.
pub(crate) fn watch(app: &AppHandle, folder: PathBuf) {
    let installed = std::env::current_exe().is_ok_and(|here| here == Path::new(INSTALLED));
    if !installed || !is_on(app.config()) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(AFTER_START).await;
        loop {
            // Nobody can be reached, or what was offered is not ours: nothing is said, and tomorrow is a day.
            let _ = look(&app, &folder).await;
            tokio::time::sleep(EVERY).await;
        }
    });
}

async fn look(app: &AppHandle, folder: &Path) -> anyhow::Result<()> {
    let Some(update) = updater(app)?.check().await? else { return Ok(()) };
    // Verified before anybody is asked, so that nobody is asked about what is not ours.
    let package = update.download(|_, _| {}, || {}).await?;
    while app.state::<Engine>().doors().iter().any(|door| door.ended_by.is_empty()) {
        tokio::time::sleep(WAITING).await;
    }
    if asked(app, &update.version).await {
        install(folder, &package)?;
    }
    Ok(())
}

/// Hands the package to the system's own installer, which asks an administrator.
fn install(folder: &Path, package: &[u8]) -> anyhow::Result<()> {
    let folder = folder.join("update");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let path = folder.join("countersign.deb");
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?.write_all(package)?;
    let status = Command::new("pkexec").args(["dpkg", "--install"]).arg(&path).status().context("pkexec is missing")?;
    std::fs::remove_dir_all(&folder)?;
    if !status.success() {
        bail!("the package was not installed ({status})");
    }
    Ok(())
}

async fn asked(app: &AppHandle, version: &str) -> bool {
    let text = format!(
        "Countersign {version} is there, signed with the key that this version knows.\n\nInstalling asks for an \
         administrator's password. The new version is used from the next start on."
    );
    let (answer, answered) = tokio::sync::oneshot::channel();
    question::ask(app, text, &[("Later", false), ("Install", true)], move |yes| {
        let _ = answer.send(yes);
    });
    answered.await.unwrap_or(false)
}
