use domain::legible;

use super::print::Printer;
use crate::Engine;
use crate::view::{RecoveryCodesView, SecondFactorView, UiError};

pub(super) async fn enrol_code(engine: &Engine, code: Option<String>, printer: &Printer) -> Result<(), UiError> {
    if let Some(code) = code {
        let made = engine.confirm_second_factor(&code).await?;
        printer.show(&made, || format!("One-time codes are set up.\n{}", codes(&made)));
    } else {
        let shown = engine.begin_second_factor().await?;
        printer.show(&shown, || secret(&shown));
    }
    Ok(())
}

pub(super) async fn replace_factor(engine: &Engine, code: &str, printer: &Printer) -> Result<(), UiError> {
    let shown = engine.replace_second_factor(code).await?;
    printer.show(&shown, || secret(&shown));
    Ok(())
}

pub(super) async fn recovery_codes(engine: &Engine, code: &str, printer: &Printer) -> Result<(), UiError> {
    let made = engine.make_recovery_codes(code).await?;
    printer.show(&made, || codes(&made));
    Ok(())
}

pub(super) async fn reset_factor(
    engine: &Engine,
    person: &str,
    reason: &str,
    code: &str,
    printer: &Printer,
) -> Result<(), UiError> {
    engine.reset_factor(person, reason, code).await?;
    let done = format!("{} sets up another second factor after the next sign-in.", legible(person));
    printer.show(&serde_json::json!({ "reset": person }), || done);
    Ok(())
}

fn secret(shown: &SecondFactorView) -> String {
    format!("Type this into your authenticator:\n{}\nThen: countersign enrol-code --code 123456", shown.secret)
}

fn codes(made: &RecoveryCodesView) -> String {
    format!(
        "Write these recovery codes down and put them away from this computer. Each replaces a lost authenticator, once; \
         they are not shown again:\n  {}",
        made.codes.join("\n  ")
    )
}
