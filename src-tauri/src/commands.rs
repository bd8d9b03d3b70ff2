//! What the windows may ask. A command is a line or two over [`desktop::Engine`]; whether a window may call it at all
//! stands in `capabilities/`.

mod access;
mod evidence;
mod factor;
mod revealing;
mod setup;
mod window;

use desktop::{Engine, view::UiError};
use tauri::State;
use tauri_specta::{Commands, collect_commands};

pub(crate) type EngineState<'a> = State<'a, Engine>;
pub(crate) type Answer<T> = Result<T, UiError>;

/// Every command, in the order of the generated bindings.
#[must_use]
pub fn all() -> Commands<tauri::Wry> {
    collect_commands![
        setup::state,
        setup::join,
        setup::begin_sign_in,
        setup::cancel_sign_in,
        setup::open_url,
        setup::begin_second_factor,
        setup::confirm_second_factor,
        factor::replace_second_factor,
        factor::make_recovery_codes,
        factor::reset_factor,
        setup::enter_code,
        setup::sign_out,
        setup::new_key,
        access::organizations,
        access::requests,
        access::request,
        access::sign_request,
        access::withdraw,
        access::approve,
        access::deny,
        access::enrolments,
        access::enrol,
        access::devices,
        access::own_devices,
        access::policies,
        access::policy_last_month,
        access::adopt_policy,
        access::revoke_grant,
        access::revoke_device,
        access::revoke_person,
        access::open_session,
        access::ask_for_more,
        access::end_session,
        access::show_session,
        access::move_session,
        access::fit_bar,
        access::put_away,
        access::close_session_window,
        access::doors,
        evidence::sessions,
        evidence::count_sessions,
        evidence::export_sessions,
        evidence::cancel_export,
        evidence::session,
        evidence::recording,
        evidence::watch_session,
        evidence::watched,
        evidence::stop_watching,
        evidence::running_sessions,
        evidence::end_sessions,
        evidence::review,
        revealing::reveals,
        revealing::propose_reveal,
        revealing::countersign_reveal,
        revealing::read_marks,
        evidence::entries,
        evidence::check_log,
        evidence::make_evidence,
        window::set_theme,
        window::notifications,
        window::set_notifications,
        window::quit,
        window::stay,
    ]
}
