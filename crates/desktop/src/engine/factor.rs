use domain::{Digest, UnixSeconds};
use qrcode::QrCode;
use qrcode::render::svg;
use statement::{Factor, Trust};
use wire::broker::SecondFactorStart;

use super::{Engine, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::view::{AppState, RecoveryCodesView, SecondFactorView, UiError};

impl Engine {
    /// Begins TOTP: the secret is shown once, and kept nowhere here.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn begin_second_factor(&self) -> Result<SecondFactorView, UiError> {
        let person = self.inner.person().await?;
        let start = person.broker.begin_second_factor().await.map_err(call("the broker"))?;
        shown_once(&start)
    }

    /// Confirms TOTP with the first code, also one that takes another's place. The code also counts for this sign-in. The
    /// recovery codes are kept nowhere here.
    ///
    /// # Errors
    /// [`UiError`]: the broker's `wrong-code`, `code-used`, `second-factor-locked`.
    pub async fn confirm_second_factor(&self, code: &str) -> Result<RecoveryCodesView, UiError> {
        let code = six_digits(code)?;
        let person = self.inner.person().await?;
        let answer = person.broker.confirm_second_factor(&code).await.map_err(call("the broker"))?;
        self.inner.live().me = None;
        self.inner.keep_factor(answer.attestation).await?;
        Ok(RecoveryCodesView { codes: answer.recovery_codes })
    }

    /// Takes a code for this sign-in: asking is good for 8 hours after it, opening for 15 minutes.
    ///
    /// # Errors
    /// [`UiError`]: the broker's `wrong-code`, `code-used`, `locked`.
    pub async fn enter_code(&self, code: &str) -> Result<AppState, UiError> {
        self.inner.take_code(code).await?;
        self.state().await
    }
}

impl SignedIn {
    /// The sign-in's second factor, as a request of this moment is signed with it.
    pub(super) fn factor(&self, trust: &Trust, now: UnixSeconds) -> Option<Factor> {
        let (attestation, at) = self.factor.as_ref()?;
        let attested = statement::verify_mfa(attestation, trust).ok()?;
        Some(Factor::of(attested.body(), (now - at).max(0)))
    }
}

impl super::Inner {
    /// Has the code taken for exactly this statement; the broker's attestation of that. `request`: which one it is about.
    pub(super) async fn code_for(
        &self,
        joined: &Joined,
        person: &SignedIn,
        statement: &str,
        code: &str,
        request: Option<&Digest>,
    ) -> Result<String, UiError> {
        let about = statement::sha256(statement);
        let answer = person.broker.code(code, Some(&about)).await.map_err(call("the broker"))?;
        Self::checked_factor(joined, person, &answer.attestation, Some(&about))
            .inspect_err(|error| self.report_error(error, request, None))?;
        Ok(answer.attestation)
    }

    pub(super) async fn take_code(&self, code: &str) -> Result<(), UiError> {
        let code = six_digits(code)?;
        let person = self.person().await?;
        let answer = person.broker.code(&code, None).await.map_err(call("the broker"))?;
        self.keep_factor(answer.attestation).await
    }
}

/// The secret as people take it over.
pub(super) fn shown_once(start: &SecondFactorStart) -> Result<SecondFactorView, UiError> {
    let code = QrCode::new(start.uri.as_bytes()).map_err(|_| {
        fault("unexpected", "The broker's secret does not fit into a QR code.", "Tell your administrator.")
    })?;
    let qr_svg = code.render::<svg::Color<'_>>().min_dimensions(192, 192).quiet_zone(true).build();
    let letters: Vec<char> = start.secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(SecondFactorView { qr_svg, secret: groups.join(" ") })
}

/// Six digits, whatever spaces a person typed between them.
pub(super) fn six_digits(code: &str) -> Result<String, UiError> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(digits);
    }
    Err(fault("wrong-code", "A code is six digits.", "Type the six digits that your authenticator shows now."))
}
