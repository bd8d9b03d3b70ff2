mod exchange;
mod loopback;
mod pages;

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;
use domain::Clock;
use openidconnect::PkceCodeVerifier;
use reqwest::Client;

use crate::SignInError;
use exchange::Provider;
use loopback::{Asked, Loopback};

/// A sign-in that nobody finishes ends after this time.
const TIMEOUT: Duration = Duration::from_secs(300);
/// The alphabet of match codes: no character that is easily taken for another.
const MATCH_ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// What a sign-in is for.
pub struct SignInPlan {
    /// The pinned issuer.
    pub issuer: String,
    /// The desktop's own client there: public, native.
    pub client_id: String,
    /// The commitment to the Device key, from `statement::nonce_for`.
    pub nonce: String,
    /// From [`crate::http_client`].
    pub http: Client,
    pub clock: Arc<dyn Clock>,
}

/// One sign-in that has begun: a loopback listener, and the secrets that only this process knows.
pub struct SignIn {
    provider: Provider,
    loopback: Loopback,
    verifier: PkceCodeVerifier,
    secrets: Secrets,
    authorize: String,
    match_code: String,
}

/// What ties the browser that saw our start page to the one that comes back.
struct Secrets {
    /// The path of the start page.
    start: String,
    /// OAuth `state`.
    state: String,
    /// The cookie that the start page sets.
    browser: String,
}

impl SignIn {
    /// Asks the provider for its addresses, opens a random port on 127.0.0.1 and prepares the start page.
    ///
    /// # Errors
    /// [`SignInError`] when the provider does not answer or its answer is not usable.
    pub async fn begin(plan: SignInPlan) -> Result<Self, SignInError> {
        let loopback = Loopback::open().await?;
        let provider = Provider::discover(plan, loopback.address("/callback")).await?;
        let secrets = Secrets { start: format!("/sign-in/{}", random()?), state: random()?, browser: random()? };
        let (authorize, verifier) = provider.authorize(&secrets.state);
        Ok(Self { provider, loopback, verifier, secrets, authorize, match_code: match_code()? })
    }

    /// Our own page, for the system browser: it shows the match code and leads on to the provider.
    #[must_use]
    pub fn url(&self) -> String {
        self.loopback.address(&self.secrets.start)
    }

    /// For example `4K7-Q2M`. The person continues only if the page shows the same.
    #[must_use]
    pub fn match_code(&self) -> &str {
        &self.match_code
    }

    /// Waits for the browser to come back, exchanges the code and checks the ID token. Returns it in compact form.
    /// Dropping the future ends the sign-in and frees the port.
    ///
    /// # Errors
    /// [`SignInError`]; the browser has been shown the same reason.
    pub async fn finish(self) -> Result<String, SignInError> {
        tokio::time::timeout(TIMEOUT, self.wait()).await.unwrap_or(Err(SignInError::TimedOut))
    }

    async fn wait(mut self) -> Result<String, SignInError> {
        loop {
            let asked = self.loopback.next().await?;
            if asked.path == self.secrets.start {
                asked.answer_start(&pages::start(&self.match_code, &self.authorize), &self.secrets.browser).await;
                continue;
            }
            if !self.is_our_callback(&asked) {
                let status = if asked.path == "/callback" { 400 } else { 404 };
                asked.answer(status, &pages::not_ours()).await;
                continue;
            }
            // From here on the sign-in is spent: state, verifier and cookie are used once.
            let result = self.provider.redeem(&asked, self.verifier).await;
            match &result {
                Ok(_) => asked.answer(200, &pages::done()).await,
                Err(error) => asked.answer(400, &pages::failed(&error.to_string())).await,
            }
            return result;
        }
    }

    fn is_our_callback(&self, asked: &Asked) -> bool {
        asked.path == "/callback"
            && asked.one("state").is_some_and(|s| same(s, &self.secrets.state))
            && asked.cookie.as_deref().is_some_and(|c| same(c, &self.secrets.browser))
    }
}

/// Equal, in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// 32 random bytes in base64url.
fn random() -> Result<String, SignInError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| SignInError::BadToken("this computer gives no randomness".into()))?;
    Ok(statement::base64url(bytes))
}

fn match_code() -> Result<String, SignInError> {
    let mut bytes = [0; 6];
    rand::fill(&mut bytes).map_err(|_| SignInError::BadToken("this computer gives no randomness".into()))?;
    let letters: String = bytes.iter().map(|b| char::from(MATCH_ALPHABET[usize::from(b % 32)])).collect();
    Ok(format!("{}-{}", &letters[..3], &letters[3..]))
}

#[cfg(test)]
mod tests;
