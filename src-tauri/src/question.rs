//! Windows of the system's own: no page asks in them, and none answers.

use tauri::AppHandle;

/// One button: its words, and whether it says yes.
type Choice = (&'static str, bool);

/// Shows the text with these buttons, the first of which Enter presses, and tells what was answered. Closing the window
/// says no.
#[cfg(target_os = "linux")]
pub(crate) fn ask(
    app: &AppHandle,
    text: String,
    choices: &'static [Choice],
    answered: impl FnOnce(bool) + Send + 'static,
) {
    use gtk::prelude::{DialogExt as _, GtkWindowExt as _, WidgetExt as _};

    let response = |yes: bool| if yes { gtk::ResponseType::Accept } else { gtk::ResponseType::Cancel };
    let _ = app.run_on_main_thread(move || {
        let (flags, kind) = (gtk::DialogFlags::empty(), gtk::MessageType::Question);
        let question = gtk::MessageDialog::new(None::<&gtk::Window>, flags, kind, gtk::ButtonsType::None, &text);
        question.set_title("Countersign");
        for (words, yes) in choices {
            question.add_button(words, response(*yes));
        }
        if let Some((_, yes)) = choices.first() {
            question.set_default_response(response(*yes));
        }
        let answered = std::cell::Cell::new(Some(answered));
        question.connect_response(move |question, response| {
            if let Some(answered) = answered.take() {
                answered(response == gtk::ResponseType::Accept);
            }
            question.close();
        });
        question.show_all();
    });
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn ask(_: &AppHandle, _: String, _: &'static [Choice], answered: impl FnOnce(bool) + Send + 'static) {
    answered(false);
}
