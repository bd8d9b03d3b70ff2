//! Features of WebKitGTK that no setting, policy or proxy reaches, switched off by name.
//!
//! What it is not: a binding of WebKitGTK, or a place for other `unsafe` code.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_int, c_void};

use webkit2gtk::glib::translate::ToGlibPtr as _;
use webkit2gtk::{Settings, WebView, WebViewExt};

unsafe extern "C" {
    fn webkit_settings_get_all_features() -> *mut c_void;
    fn webkit_feature_list_get_length(list: *mut c_void) -> usize;
    fn webkit_feature_list_get(list: *mut c_void, index: usize) -> *mut c_void;
    fn webkit_feature_list_unref(list: *mut c_void);
    fn webkit_feature_get_identifier(feature: *mut c_void) -> *const c_char;
    fn webkit_settings_set_feature_enabled(settings: *mut c_void, feature: *mut c_void, enabled: c_int);
}

/// The engine does not have these features under these names, so nobody knows whether it does what they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub Vec<String>);

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "this version of WebKitGTK cannot switch off {}", self.0.join(", "))
    }
}

impl std::error::Error for Unknown {}

/// Switches the named features off in this webview.
///
/// # Errors
/// [`Unknown`] names those that the engine does not have; the others are off then.
pub fn switch_off(view: &WebView, names: &[&str]) -> Result<(), Unknown> {
    let Some(settings) = WebViewExt::settings(view) else { return Err(missing(names, &BTreeSet::new())) };
    let found = switch_off_in(&settings, names);
    let missing = missing(names, &found);
    if missing.0.is_empty() { Ok(()) } else { Err(missing) }
}

fn missing(names: &[&str], found: &BTreeSet<String>) -> Unknown {
    Unknown(names.iter().filter(|name| !found.contains(**name)).map(|name| (*name).to_owned()).collect())
}

fn switch_off_in(settings: &Settings, names: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let object: *mut webkit2gtk::ffi::WebKitSettings = settings.to_glib_none().0;
    // SAFETY: `settings` lives to the end of this function. The list is ours from the first call to `unref`, the
    // features belong to it, and an index is below the length that it gave.
    unsafe {
        let list = webkit_settings_get_all_features();
        for index in 0..webkit_feature_list_get_length(list) {
            let feature = webkit_feature_list_get(list, index);
            let identifier = webkit_feature_get_identifier(feature);
            if identifier.is_null() {
                continue;
            }
            let identifier = CStr::from_ptr(identifier).to_string_lossy().into_owned();
            if names.contains(&identifier.as_str()) {
                webkit_settings_set_feature_enabled(object.cast(), feature, 0);
                found.insert(identifier);
            }
        }
        webkit_feature_list_unref(list);
    }
    found
}
