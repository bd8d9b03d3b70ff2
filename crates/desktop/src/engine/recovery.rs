use domain::{PersonId, Role};
use statement::ResetFactor;
use wire::broker::{FactorChange, ReplacedWith};

use super::factor::{shown_once, six_digits};
use super::{Engine, Inner};
use crate::fault::{call, fault};
use crate::view::{Notice, RecoveryCodesView, SecondFactorView, UiError};

/// A reset says why in at least this many characters.
const SHORTEST_REASON: usize = 10;
/// No longer text is sent as a recovery code.
const LONGEST_CODE: usize = 32;

impl Engine {
    /// Begins another second factor in the place of the one that there is: with a code of it, or with a recovery code.
    /// [`Self::confirm_second_factor`] ends it; until then the old one stays.
    ///
    /// # Errors
    /// [`UiError`]: the broker's `wrong-code`, `wrong-recovery-code`, `fresh-sign-in-needed`, `second-factor-locked`.
    pub async fn replace_second_factor(&self, code: &str) -> Result<SecondFactorView, UiError> {
        let (with, code) = given(code)?;
        let person = self.inner.person().await?;
        let start = person.broker.replace_second_factor(with, &code).await.map_err(call("the broker"))?;
        self.inner.live().me = None;
        shown_once(&start)
    }

    /// Fresh recovery codes; those of before are void. They are kept nowhere here.
    ///
    /// # Errors
    /// [`UiError`]: the broker's `wrong-code`, `code-used`, `second-factor-locked`.
    pub async fn make_recovery_codes(&self, code: &str) -> Result<RecoveryCodesView, UiError> {
        let code = six_digits(code)?;
        let person = self.inner.person().await?;
        let made = person.broker.make_recovery_codes(&code).await.map_err(call("the broker"))?;
        self.inner.live().me = None;
        Ok(RecoveryCodesView { codes: made.codes })
    }

    /// Voids somebody's second factor, with a code for exactly that, so that they set up another.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn reset_factor(&self, person_id: &str, reason: &str, code: &str) -> Result<(), UiError> {
        let (reason, code) = (reason.trim(), six_digits(code)?);
        if reason.chars().count() < SHORTEST_REASON {
            return Err(fault(
                "bad-text",
                "A reset needs a reason of 10 characters or more.",
                "Write why, and how you know that it is them; it is kept with the reset.",
            ));
        }
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        if !person.identity.roles.contains(&Role::Administrator) {
            return Err(fault("missing-role", "Only administrators reset a second factor.", "Ask an administrator."));
        }
        let whose = PersonId(person_id.trim().to_ascii_lowercase());
        if whose == person.identity.person {
            return Err(fault(
                "same-person",
                "Nobody resets their own second factor.",
                "Use a recovery code, or ask another administrator.",
            ));
        }
        self.inner.check_log(&joined).await?;
        let body = ResetFactor { person: whose, reason: reason.to_owned() };
        let statement = self.inner.sign(&joined, &person, body, 300)?;
        let mfa = self.inner.code_for(&joined, &person, &statement, &code, None).await?;
        person.broker.reset_factor(&statement, Some(mfa)).await.map_err(call("the broker"))
    }
}

impl Inner {
    /// Tells a person what the broker says became of a second factor: nothing is believed because of it, and looking at the
    /// log says more.
    pub(super) fn tell_of_factor(&self, whose: &PersonId, change: FactorChange) {
        let own = self.live().person.as_ref().is_some_and(|me| me.identity.person == *whose);
        if own {
            self.live().me = None;
            self.tell(Notice::State);
        }
        let person = domain::legible(&whose.0);
        let whose = if own { "your second factor".to_owned() } else { format!("the second factor of {person}") };
        let what = match change {
            FactorChange::RecoveryCodeUsed => format!("A recovery code was used to replace {whose}."),
            FactorChange::RecoveryCodesMade => format!("New recovery codes were made for {whose}."),
            FactorChange::Replaced => format!("Another app took the place of {whose}."),
            FactorChange::Reset => format!("An administrator reset {whose}."),
        };
        let next = if own { " If that was not you, tell security at once." } else { "" };
        self.tell(Notice::SecondFactor { person: person.to_string(), text: format!("{what}{next}") });
    }
}

/// Which of the two a person typed.
fn given(code: &str) -> Result<(ReplacedWith, String), UiError> {
    if let Ok(digits) = six_digits(code) {
        return Ok((ReplacedWith::Code, digits));
    }
    let code = code.trim();
    let letters = code.chars().filter(char::is_ascii_alphanumeric).count();
    if letters == 16 && code.len() <= LONGEST_CODE {
        return Ok((ReplacedWith::RecoveryCode, code.to_owned()));
    }
    Err(fault(
        "wrong-code",
        "A code is six digits, a recovery code sixteen letters and digits.",
        "Type the code that your authenticator shows, or one of the recovery codes that you put away.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_a_recovery_code_are_told_apart() {
        for (typed, with, sent) in [
            ("123 456", ReplacedWith::Code, "123456"),
            (" 9gqy-7enw-5ckt-3ahr ", ReplacedWith::RecoveryCode, "9gqy-7enw-5ckt-3ahr"),
            ("9GQY 7ENW 5CKT 3AHR", ReplacedWith::RecoveryCode, "9GQY 7ENW 5CKT 3AHR"),
        ] {
            assert_eq!(given(typed).unwrap(), (with, sent.to_owned()));
        }
        for typed in ["", "12345", "1234567", "9gqy-7enw-5ckt-3ah", "9gqy-7enw-5ckt-3ahr7", &"9 ".repeat(1 << 16)] {
            assert_eq!(given(typed).unwrap_err().code, "wrong-code", "{}", &typed[..typed.len().min(20)]);
        }
    }
}
