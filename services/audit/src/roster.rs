use std::sync::Arc;

use domain::UnixSeconds;
use serve::ProblemResponse;
use statement::{Directory, Enrol, Enrolments, Identity, Kind as _, PkToken, ProviderKeys, Signed, Trust};
use tokio::sync::Mutex;

use crate::audit::Audit;
use crate::sequencer::{Command, PK_TOKEN};

/// Who is enrolled, derived from the `enrol` statements in the log; computed again when there are more of them.
#[derive(Default)]
pub(crate) struct Roster(Mutex<Option<Known>>);

struct Known {
    /// Numbers of enrolments, tokens and key sets that it was derived from.
    from: [u64; 3],
    enrolments: Arc<Enrolments>,
}

impl Roster {
    /// The enrolments as of now.
    pub async fn enrolments(&self, audit: &Audit) -> Result<Arc<Enrolments>, ProblemResponse> {
        let mut known = self.0.lock().await;
        let sets = key_sets(audit).await?;
        let from = [
            audit.reader.count_of_kind(Enrol::TYP).await?,
            audit.reader.count_of_kind(PK_TOKEN).await?,
            sets.len() as u64,
        ];
        if let Some(known) = known.as_ref().filter(|k| k.from == from) {
            return Ok(known.enrolments.clone());
        }
        let enrols = audit.reader.statements_of_kind(Enrol::TYP).await?;
        let tokens = audit.reader.statements_of_kind(PK_TOKEN).await?;
        let enrolments = Arc::new(derive(&enrols, &tokens, &sets, &audit.trust, audit.now()));
        *known = Some(Known { from, enrolments: enrolments.clone() });
        Ok(enrolments)
    }
}

/// Every key set of the issuer that something was verified with, the one of now included and kept: an enrolment does
/// not end when the issuer changes its keys.
async fn key_sets(audit: &Audit) -> Result<Vec<ProviderKeys>, ProblemResponse> {
    let mut stored = audit.reader.provider_keys().await?;
    let current = audit.provider_keys(None).await?;
    let digest = statement::sha256(current.raw()).to_string();
    if !stored.contains_key(&digest) {
        audit.writer.perform(Command::Keys(current.raw().to_vec())).await?;
        stored.insert(digest, current.raw().to_vec());
    }
    Ok(stored.values().filter_map(|raw| ProviderKeys::from_jwks(raw).ok()).collect())
}

fn derive(enrols: &[String], tokens: &[String], sets: &[ProviderKeys], trust: &Trust, now: UnixSeconds) -> Enrolments {
    let tokens: Vec<&String> = tokens.iter().filter(|t| PkToken::read(t).is_ok()).collect();
    let directories: Vec<Directory<'_>> =
        sets.iter().filter_map(|keys| Directory::new(&tokens, trust, keys).ok()).collect();
    let mut open: Vec<(Signed<Enrol>, Identity)> =
        enrols.iter().filter_map(|e| directories.iter().find_map(|d| d.verify::<Enrol>(e).ok())).collect();
    let none: [&str; 0] = [];
    let mut known = match directories.first() {
        Some(directory) => Enrolments::derive(&none, directory, trust, now),
        None => Enrolments::default(),
    };
    loop {
        let before = open.len();
        open.retain(|(statement, signer)| known.add(statement, signer, trust, now).is_err());
        if open.len() == before {
            return known;
        }
    }
}
