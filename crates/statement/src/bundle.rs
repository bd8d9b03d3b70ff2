use std::collections::{BTreeMap, BTreeSet};

use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::{Enrol, Identity, Kind, KnownKeys, PkToken, Refusal, Signed, SignedBreakGlass, Trust, Unverified};

/// A request with its bundle has no more of each: a chain of enrolments is a few links, an approval a few people.
const MAX_TOKENS: usize = 128;
const MAX_ENROLS: usize = 128;
const MAX_DECISIONS: usize = 16;
const MAX_ATTESTATIONS: usize = 32;

/// Everything that opening an Organization takes, as the desktop hands it to the gateway. Compact forms only;
/// nothing in it is believed because of who carried it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// In place of decisions, when the request names a break-glass permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<SignedBreakGlass>,
}

impl Bundle {
    /// No more statements and tokens than an opening can need, before any of them is looked at.
    pub(crate) fn check_bounds(&self) -> Result<(), Refusal> {
        // The tokens are counted where they are read, in `Directory::new`.
        let within = self.enrols.len() <= MAX_ENROLS
            && self.decisions.len() <= MAX_DECISIONS
            && self.mfa.len() <= MAX_ATTESTATIONS;
        if within { Ok(()) } else { Err(Refusal::TooLarge) }
    }
}

/// PK tokens by digest: finds and verifies the signer of a statement.
#[derive(Debug)]
pub struct Directory<'a> {
    tokens: BTreeMap<Digest, PkToken>,
    trust: &'a Trust,
    provider: KnownKeys,
}

impl<'a> Directory<'a> {
    /// Reads the forms of the tokens of one request or bundle.
    ///
    /// # Errors
    /// [`Refusal`] when one of them is malformed, or there are more than one request can need.
    pub fn new<T: AsRef<str>>(
        tokens: impl IntoIterator<Item = T>,
        trust: &'a Trust,
        provider: impl Into<KnownKeys>,
    ) -> Result<Self, Refusal> {
        let mut by_digest = BTreeMap::new();
        for (n, token) in tokens.into_iter().enumerate() {
            if n >= MAX_TOKENS {
                return Err(Refusal::TooLarge);
            }
            let token = PkToken::read(token.as_ref())?;
            by_digest.insert(token.digest().clone(), token);
        }
        Ok(Self { tokens: by_digest, trust, provider: provider.into() })
    }

    /// A directory of however many tokens the caller has stored itself; those that are malformed are passed over.
    #[must_use]
    pub fn of_stored<T: AsRef<str>>(
        tokens: impl IntoIterator<Item = T>,
        trust: &'a Trust,
        provider: impl Into<KnownKeys>,
    ) -> Self {
        let tokens = tokens.into_iter().filter_map(|t| PkToken::read(t.as_ref()).ok());
        Self { tokens: tokens.map(|t| (t.digest().clone(), t)).collect(), trust, provider: provider.into() }
    }

    /// Finds the signer by `kid`, verifies their PK token as of the moment the statement was signed and with the keys
    /// that the issuer publishes now, then the statement.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn verify<B: Kind>(&self, compact: &str) -> Result<(Signed<B>, Identity), Refusal> {
        let statement = Unverified::<B>::read(compact)?;
        let token = self.tokens.get(statement.kid()).ok_or(Refusal::UnknownSigner)?;
        let signed_at = statement.issued_at();
        let identity = self.provider.verify(token, self.trust, signed_at)?;
        Ok((statement.verify(&identity.device_key)?, identity))
    }

    /// As [`Self::verify`], for an `enrol` statement that has had its effect: an enrolment outlives the keys that the
    /// issuer published when it was signed.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn verify_enrol(&self, compact: &str) -> Result<(Signed<Enrol>, Identity), Refusal> {
        self.verify_lasting(compact)
    }

    /// As [`Self::verify_enrol`], for the kinds whose effect lasts.
    pub(crate) fn verify_lasting<B: Kind>(&self, compact: &str) -> Result<(Signed<B>, Identity), Refusal> {
        let statement = Unverified::<B>::read(compact)?;
        let token = self.tokens.get(statement.kid()).ok_or(Refusal::UnknownSigner)?;
        let identity = self.provider.verify_lasting(token, self.trust, statement.issued_at())?;
        Ok((statement.verify(&identity.device_key)?, identity))
    }

    /// The token that signed an `enrol` statement, by its Device key alone: whether the issuer still stands by the
    /// token, and whether it enrols anybody, is not asked.
    #[must_use]
    pub fn signer_of_enrol(&self, compact: &str) -> Option<Digest> {
        let statement = Unverified::<Enrol>::read(compact).ok()?;
        let token = self.tokens.get(statement.kid())?;
        statement.verify(token.device_key()).ok().map(|signed| signed.kid().clone())
    }

    /// Every token is the `kid` of one of the statements that were verified.
    ///
    /// # Errors
    /// [`Refusal::UnusedToken`].
    pub fn check_all_signed<'k>(&self, kids: impl IntoIterator<Item = &'k Digest>) -> Result<(), Refusal> {
        let kids: BTreeSet<&Digest> = kids.into_iter().collect();
        if self.tokens.keys().all(|t| kids.contains(t)) { Ok(()) } else { Err(Refusal::UnusedToken) }
    }

    /// The identity behind a PK token's digest, as of `at`.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn identity(&self, kid: &Digest, at: UnixSeconds) -> Result<Identity, Refusal> {
        self.tokens.get(kid).ok_or(Refusal::UnknownSigner).and_then(|t| self.provider.verify(t, self.trust, at))
    }
}
