use std::path::{Path, PathBuf};

use statement::ProviderKeys;
use wire::join::{PinnedKeys, TrustFile};

use super::Engine;
use super::sessions::session_id;
use crate::fault::{call, fault};
use crate::view::UiError;

/// No Evidence file is larger, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

impl Engine {
    /// Has the Evidence file of a Session made, verifies it here, and keeps it in the profile, with a summary for people
    /// beside it. Gives the file's path.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn make_evidence(&self, session: &str) -> Result<PathBuf, UiError> {
        let id = session_id(session)?;
        let (_, audit) = self.inner.audit().await?;
        let bytes = audit.evidence(&id).await.map_err(call("the audit service"))?;
        let trust = self.trust_file().await?;
        let proof = check(&bytes, &trust).inspect_err(|error| self.inner.report_error(error, None, None))?;
        if proof.session().is_none_or(|report| report.session != id) {
            return Err(fault("rejected", "The audit service made evidence of another Session.", "Tell security."));
        }
        self.keep_evidence(id.as_str(), &proof, &bytes)
    }

    /// The same of an Organization and a period, in Unix seconds: every Session that opened in it.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn make_period_evidence(&self, organization: &str, from: i64, to: i64) -> Result<PathBuf, UiError> {
        let id = organization.parse().map_err(|_| {
            fault("no-such-organization", "There is no such Organization.", "Use the id from the list.")
        })?;
        let (_, audit) = self.inner.audit().await?;
        let bytes = audit.period_evidence(&id, from, to).await.map_err(call("the audit service"))?;
        let trust = self.trust_file().await?;
        let proof = check(&bytes, &trust).inspect_err(|error| self.inner.report_error(error, None, None))?;
        let asked = matches!(&proof, verify::Proof::Period(p) if p.organization == id && (p.from, p.to) == (from, to));
        if !asked {
            return Err(fault("rejected", "The audit service made evidence of something else.", "Tell security."));
        }
        self.keep_evidence(&format!("{organization}-{from}-{to}"), &proof, &bytes)
    }

    fn keep_evidence(&self, name: &str, proof: &verify::Proof, bytes: &[u8]) -> Result<PathBuf, UiError> {
        let path = self.inner.profile.evidence_path(name);
        keys::write_private(&path, bytes)?;
        keys::write_private(&summary_path(&path), verify::summary(proof, bytes).as_bytes())?;
        Ok(path)
    }

    /// Verifies an Evidence file against what this profile pins. Gives the report as text.
    ///
    /// # Errors
    /// [`UiError`]: `rejected`, with the first part that does not hold.
    pub async fn verify_evidence(&self, file: &Path) -> Result<verify::Proof, UiError> {
        let trust = self.trust_file().await?;
        verify_file(file, &trust).inspect_err(|error| self.inner.report_error(error, None, None))
    }

    /// What somebody needs to verify evidence of this installation without any server.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn trust_file(&self) -> Result<TrustFile, UiError> {
        let joined = self.inner.joined()?;
        let known = joined.all_keys().await?;
        let pinned = |keys: &ProviderKeys, until| {
            let jwks = String::from_utf8(keys.raw().to_vec())
                .map_err(|_| fault("unexpected", "The issuer's key set is not text.", "Ask who runs the accounts."))?;
            Ok(PinnedKeys { jwks, until })
        };
        let past = known.past().iter().map(|past| pinned(&past.keys, Some(past.until)));
        let provider_keys = past.chain([pinned(known.current(), None)]).collect::<Result<_, UiError>>()?;
        Ok(TrustFile {
            trust: joined.file.trust.clone(),
            provider_keys,
            witnesses: joined.file.witnesses.clone(),
            quorum: 0,
        })
    }
}

/// Where the summary of an Evidence file lies.
pub(crate) fn summary_path(evidence: &Path) -> PathBuf {
    let mut path = evidence.as_os_str().to_owned();
    path.push(".html");
    path.into()
}

/// Verifies a file without any server.
///
/// # Errors
/// [`UiError`]: `file`, `rejected`.
pub fn verify_file(file: &Path, trust: &TrustFile) -> Result<verify::Proof, UiError> {
    prove_file(file, trust).map(|proven| proven.proof)
}

/// The same, with the facts that were signed.
pub(crate) fn prove_file(file: &Path, trust: &TrustFile) -> Result<verify::Proven, UiError> {
    let unreadable = |_| fault("file", format!("{} cannot be read.", file.display()), "Check the path.");
    if std::fs::metadata(file).map_err(unreadable)?.len() > LARGEST {
        return Err(fault("rejected", "The file is larger than evidence is.", "Check the path."));
    }
    prove(&std::fs::read(file).map_err(unreadable)?, trust)
}

fn check(bytes: &[u8], trust: &TrustFile) -> Result<verify::Proof, UiError> {
    prove(bytes, trust).map(|proven| proven.proof)
}

fn prove(bytes: &[u8], trust: &TrustFile) -> Result<verify::Proven, UiError> {
    verify::prove(bytes, trust).map_err(|rejected| {
        fault(
            "rejected",
            format!("This evidence does not hold: {rejected}."),
            "Do not rely on it. Ask for it again, from the audit service itself.",
        )
    })
}
