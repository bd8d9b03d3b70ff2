//! The app's own pages are drawn by the processor. They hold text, rules and small pictures; starting a graphics driver for
//! them costs more memory and time than it gives back. An Organization's page keeps what the web engine offers.

use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebView, WebViewExt as _};

use crate::automation;

/// Before the page is drawn for the first time. WebKitGTK's driver waits for ever for a picture of what the processor draws: a
/// page that is driven is drawn as any other.
pub(crate) fn by_the_processor(view: &WebView) {
    if automation::is_driven() {
        return;
    }
    if let Some(settings) = view.settings() {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
    }
}
