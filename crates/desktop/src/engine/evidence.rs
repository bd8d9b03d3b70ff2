use std::path::{Path, PathBuf};

use wire::join::TrustFile;

use super::Engine;
use super::sessions::session_id;
use crate::fault::fault;
use crate::view::UiError;

/// No Evidence file is larger, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

impl Engine {
    /// Has the Evidence file of a Session made, verifies it here, and keeps it in the profile. Gives its path.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn make_evidence(&self, session: &str) -> Result<PathBuf, UiError> {
        let id = session_id(session)?;
        let (_, audit) = self.inner.audit().await?;
        let bytes = self.inner.evidence(&audit, &id).await?;
        let trust = self.trust_file().await?;
        let report = check(&bytes, &trust)?;
        if report.session != id {
            return Err(fault("rejected", "The audit service made evidence of another Session.", "Tell security."));
        }
        let path = self.inner.profile.evidence_path(id.as_str());
        keys::write_private(&path, &bytes)?;
        Ok(path)
    }

    /// Verifies an Evidence file against what this profile pins. Gives the report as text.
    ///
    /// # Errors
    /// [`UiError`]: `rejected`, with the first part that does not hold.
    pub async fn verify_evidence(&self, file: &Path) -> Result<verify::Report, UiError> {
        let trust = self.trust_file().await?;
        verify_file(file, &trust)
    }

    /// What somebody needs to verify evidence of this installation without any server.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn trust_file(&self) -> Result<TrustFile, UiError> {
        let joined = self.inner.joined()?;
        let keys = joined.keys_for::<&str>(&[]).await?;
        let provider_keys = String::from_utf8(keys.raw().to_vec())
            .map_err(|_| fault("unexpected", "The issuer's key set is not text.", "Ask who runs the accounts."))?;
        Ok(TrustFile { trust: joined.file.trust.clone(), provider_keys })
    }
}

/// Verifies a file without any server.
///
/// # Errors
/// [`UiError`]: `file`, `rejected`.
pub fn verify_file(file: &Path, trust: &TrustFile) -> Result<verify::Report, UiError> {
    let unreadable = |_| fault("file", format!("{} cannot be read.", file.display()), "Check the path.");
    if std::fs::metadata(file).map_err(unreadable)?.len() > LARGEST {
        return Err(fault("rejected", "The file is larger than evidence is.", "Check the path."));
    }
    check(&std::fs::read(file).map_err(unreadable)?, trust)
}

fn check(bytes: &[u8], trust: &TrustFile) -> Result<verify::Report, UiError> {
    verify::verify(bytes, trust).map_err(|rejected| {
        fault(
            "rejected",
            format!("This evidence does not hold: {rejected}."),
            "Do not rely on it. Ask for it again, from the audit service itself.",
        )
    })
}
