use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Digest;
use serve::ProblemResponse;
use statement::{Directory, Enrol, Enrolments, Kind as _, KnownKeys, Trust, Unverified};
use tokio::sync::Mutex;

use crate::audit::Audit;
use crate::problem;
use crate::sequencer::PK_TOKEN;

/// Who is enrolled, derived from the `enrol` statements in the log; computed again when there are more of them.
#[derive(Default)]
pub(crate) struct Roster(Mutex<Option<Known>>);

#[derive(Clone)]
struct Known {
    from: From,
    enrolments: Arc<Enrolments>,
    links: Arc<Vec<Link>>,
}

/// An `enrol` statement that verifies; whether its signer was enrolled is another question.
pub(crate) struct Link {
    pub statement: String,
    /// The PK token of whoever signed it.
    pub token: String,
    /// Whose Device that was.
    pub signer: Digest,
    /// The Device that it enrols.
    pub device: Digest,
}

/// What it was derived from. Nobody's PK token matters but those of signers, so that the others are counted only while
/// one of these has not come yet.
#[derive(Clone, PartialEq, Eq)]
struct From {
    enrols: u64,
    tokens_while_one_is_missing: Option<u64>,
    keys: Digest,
    past_keys: usize,
}

impl Roster {
    /// The enrolments as of now.
    pub async fn enrolments(&self, audit: &Audit) -> Result<Arc<Enrolments>, ProblemResponse> {
        Ok(self.known(audit).await?.enrolments)
    }

    /// Every `enrol` statement that verifies.
    pub async fn links(&self, audit: &Audit) -> Result<Arc<Vec<Link>>, ProblemResponse> {
        Ok(self.known(audit).await?.links)
    }

    async fn known(&self, audit: &Audit) -> Result<Known, ProblemResponse> {
        let mut kept = self.0.lock().await;
        let keys = audit.known_keys(None).await?;
        let waits = kept.as_ref().is_none_or(|known| known.from.tokens_while_one_is_missing.is_some());
        let tokens = if waits { Some(audit.reader.count_of_kind(PK_TOKEN).await?) } else { None };
        let mut from = From {
            enrols: audit.reader.count_of_kind(Enrol::TYP).await?,
            tokens_while_one_is_missing: tokens,
            keys: keys.current().digest().clone(),
            past_keys: keys.past().len(),
        };
        if let Some(known) = kept.as_ref().filter(|k| k.from == from) {
            return Ok(known.clone());
        }
        let tokens = match from.tokens_while_one_is_missing {
            Some(tokens) => tokens,
            None => audit.reader.count_of_kind(PK_TOKEN).await?,
        };
        let enrols = audit.reader.statements_of_kind(Enrol::TYP).await?;
        let signers = Signers::read(audit, &enrols).await?;
        from.tokens_while_one_is_missing = signers.one_is_missing.then_some(tokens);
        let (trust, now) = (audit.trust.clone(), audit.now());
        let deriving = tokio::task::spawn_blocking(move || derive(enrols, &signers.tokens, &trust, &keys, now));
        let (enrolments, links) = deriving.await.map_err(|_| problem::stopped())?;
        Ok(kept.insert(Known { from, enrolments: Arc::new(enrolments), links: Arc::new(links) }).clone())
    }
}

/// The PK tokens of whoever signed an `enrol`.
struct Signers {
    tokens: Vec<String>,
    one_is_missing: bool,
}

impl Signers {
    async fn read(audit: &Audit, enrols: &[String]) -> Result<Self, ProblemResponse> {
        let kids: BTreeSet<Digest> =
            enrols.iter().filter_map(|text| Unverified::<Enrol>::read(text).ok()).map(|e| e.kid().clone()).collect();
        let mut tokens = Vec::with_capacity(kids.len());
        for kid in &kids {
            tokens.extend(audit.reader.statement(kid).await?);
        }
        Ok(Self { one_is_missing: tokens.len() < kids.len(), tokens })
    }
}

fn derive(
    enrols: Vec<String>,
    tokens: &[String],
    trust: &Trust,
    keys: &KnownKeys,
    now: domain::UnixSeconds,
) -> (Enrolments, Vec<Link>) {
    let directory = Directory::of_stored(tokens, trust, keys);
    let by_digest: std::collections::BTreeMap<Digest, &String> =
        tokens.iter().map(|token| (statement::sha256(token), token)).collect();
    let enrolments = Enrolments::derive(&enrols, &directory, trust, now);
    let links = enrols.into_iter().filter_map(|statement| {
        let (verified, signer) = directory.verify_enrol(&statement).ok()?;
        let token = (*by_digest.get(verified.kid())?).clone();
        Some(Link { statement, token, signer: signer.device, device: verified.body().device.clone() })
    });
    (enrolments, links.collect())
}
