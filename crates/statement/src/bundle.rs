use std::collections::BTreeMap;

use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::{Identity, Kind, PkToken, ProviderKeys, Refusal, Signed, Trust, Unverified};

/// Everything that opening an Organization takes, as the desktop hands it to the gateway. Compact forms only;
/// nothing in it is believed because of who carried it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// PK tokens of everybody who signed anything below.
    pub pk_tokens: Vec<String>,
    /// The chain of `enrol` statements down to first administrators, in any order.
    pub enrols: Vec<String>,
    pub request: String,
    pub decisions: Vec<String>,
    /// The broker's attestations: the requester's sign-in, one for each decision.
    pub mfa: Vec<String>,
    /// The `session-open` statement.
    pub open: String,
}

/// PK tokens by digest: finds and verifies the signer of a statement.
#[derive(Debug)]
pub struct Directory<'a> {
    tokens: BTreeMap<Digest, PkToken>,
    trust: &'a Trust,
    provider: &'a ProviderKeys,
}

impl<'a> Directory<'a> {
    /// Reads the tokens' forms.
    ///
    /// # Errors
    /// [`Refusal`] when one of them is malformed.
    pub fn new<T: AsRef<str>>(
        tokens: impl IntoIterator<Item = T>,
        trust: &'a Trust,
        provider: &'a ProviderKeys,
    ) -> Result<Self, Refusal> {
        let mut by_digest = BTreeMap::new();
        for token in tokens {
            let token = PkToken::read(token.as_ref())?;
            by_digest.insert(token.digest().clone(), token);
        }
        Ok(Self { tokens: by_digest, trust, provider })
    }

    /// Finds the signer by `kid`, verifies their PK token as of the moment the statement was signed, then the statement.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn verify<B: Kind>(&self, compact: &str) -> Result<(Signed<B>, Identity), Refusal> {
        let statement = Unverified::<B>::read(compact)?;
        let token = self.tokens.get(statement.kid()).ok_or(Refusal::UnknownSigner)?;
        let signed_at = statement.issued_at();
        let identity = token.verify(self.trust, self.provider, signed_at)?;
        Ok((statement.verify(&identity.device_key)?, identity))
    }

    /// The identity behind a PK token's digest, as of `at`.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn identity(&self, kid: &Digest, at: UnixSeconds) -> Result<Identity, Refusal> {
        self.tokens.get(kid).ok_or(Refusal::UnknownSigner)?.verify(self.trust, self.provider, at)
    }
}
