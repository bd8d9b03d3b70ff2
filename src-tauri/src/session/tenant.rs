//! What differs from one web engine to the next: sending one webview, and only it, through the door.

#[cfg(target_os = "linux")]
mod webkit_gtk;

use tauri::Webview;

use super::Move;
use crate::stopping::Life;

/// Everything that the Organization's webview needs to get through the door.
#[derive(Clone)]
pub(super) struct Passage {
    /// With the door's user and secret.
    pub(super) proxy_url: String,
    pub(super) certificate_pem: String,
    pub(super) hosts: Vec<String>,
    pub(super) start: String,
}

/// Called with an address, on the main thread.
pub(super) type Heard = Box<dyn Fn(&str) + Send>;

/// Called with what becomes of a page, on the main thread.
pub(super) type Heeded = Box<dyn Fn(Life) + Send>;

/// One web engine's way of showing an Organization.
pub(super) trait TenantView {
    /// Puts the bar above the page.
    fn stack(&self, bar: &Webview, tenant: &Webview, bar_height: u32) -> Result<(), TenantError>;
    /// Gives the bar another height; the page has the rest.
    fn fit(&self, bar: &Webview, height: u32) -> Result<(), TenantError>;
    /// Gives the bar the room of a page that is away, or takes it back.
    fn fill(&self, bar: &Webview, alone: bool) -> Result<(), TenantError>;
    /// Tells `heard` each address that the page has come to.
    fn watch(&self, tenant: &Webview, heard: Heard) -> Result<(), TenantError>;
    /// Tells `heeded` when one of the two webviews loads a page, and when its process stops.
    fn heed(&self, webview: &Webview, heeded: Heeded) -> Result<(), TenantError>;
    /// Sets the door as the webview's only way out, trusts the Session's certificate in it, and loads the start page.
    fn enter(&self, tenant: &Webview, passage: Passage) -> Result<(), TenantError>;
    fn go(&self, tenant: &Webview, to: Move) -> Result<(), TenantError>;
}

#[derive(Debug, thiserror::Error)]
pub(super) enum TenantError {
    #[error(transparent)]
    Window(#[from] tauri::Error),
    #[error("{0}")]
    Engine(String),
    #[cfg(not(target_os = "linux"))]
    #[error("session windows are not built for this platform yet; `countersign open` works in a terminal")]
    NotBuilt,
}

#[cfg(target_os = "linux")]
pub(super) const PLATFORM: webkit_gtk::WebKitGtk = webkit_gtk::WebKitGtk;

#[cfg(not(target_os = "linux"))]
pub(super) const PLATFORM: NotBuilt = NotBuilt;

#[cfg(not(target_os = "linux"))]
pub(super) struct NotBuilt;

#[cfg(not(target_os = "linux"))]
impl TenantView for NotBuilt {
    fn stack(&self, _: &Webview, _: &Webview, _: u32) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }

    fn fit(&self, _: &Webview, _: u32) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }

    fn fill(&self, _: &Webview, _: bool) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }

    fn watch(&self, _: &Webview, _: Heard) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }

    fn heed(&self, _: &Webview, _: Heeded) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }

    fn enter(&self, _: &Webview, _: Passage) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }

    fn go(&self, _: &Webview, _: Move) -> Result<(), TenantError> {
        Err(TenantError::NotBuilt)
    }
}
