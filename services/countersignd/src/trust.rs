//! `countersignd trust`: the trust file after the identity provider has changed its keys.

use anyhow::Context as _;
use domain::{Clock as _, SystemClock, UnixSeconds};
use statement::ProviderKeys;
use wire::join::{PinnedKeys, TrustFile};

use crate::arguments::TrustArguments;
use crate::init::{files, provider};

/// Adds the set that the provider publishes now; the one before it ends now. Sets that are there stay.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(arguments: &TrustArguments) -> anyhow::Result<()> {
    let path = arguments.dir.join("trust.json");
    let mut file: TrustFile =
        serde_json::from_str(&files::read(&path)?).with_context(|| format!("{} is no trust file", path.display()))?;
    let provider_ca = arguments.provider_ca.as_deref().map(files::read).transpose()?;
    let from_file = arguments.provider_keys.as_deref();
    let jwks = provider::keys(&file.trust.issuer, from_file, provider_ca.as_deref()).await?;
    if !add(&mut file, jwks, SystemClock.now())? {
        println!("{} holds the provider's keys of now already", path.display());
        return Ok(());
    }
    files::replace_public(&path, serde_json::to_string_pretty(&file)?)?;
    println!("{} holds {} key sets; give it to whoever verifies", path.display(), file.provider_keys.len());
    Ok(())
}

/// Whether the set was not the last one already.
fn add(file: &mut TrustFile, jwks: String, now: UnixSeconds) -> anyhow::Result<bool> {
    let current = ProviderKeys::from_jwks(jwks.as_bytes())?;
    if let Some(last) = file.provider_keys.last_mut() {
        let same = ProviderKeys::from_jwks(last.jwks.as_bytes())?.holds_the_same(&current);
        if same && last.until.is_none() {
            return Ok(false);
        }
        last.until.get_or_insert(now);
    }
    file.provider_keys.push(PinnedKeys { jwks, until: None });
    Ok(true)
}
