use std::path::{Path, PathBuf};

use domain::Digest;
use keys::{Lock, Sealer, read_private, remove, write_private};
use serde::{Deserialize, Serialize};
use wire::join::JoinFile;

use crate::fault::fault;
use crate::view::UiError;

/// The folder of one profile (0700): the join file and the log's last Checkpoints (0600), the sign-in and the refusals
/// that nobody has been told of yet (sealed), marks of open doors, Evidence that was made, and empty files that processes
/// of the profile lock.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    folder: PathBuf,
}

/// A sign-in as it is kept: sealed, since whoever holds it and the Device key is this person.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptSignIn {
    pub(crate) pk_token: String,
    /// The broker's attestation of the sign-in's last code.
    pub(crate) mfa: Option<String>,
}

impl Profile {
    /// The profile `name` under `data_dir`.
    pub(crate) fn new(data_dir: &Path, name: &str) -> Result<Self, UiError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
            return Err(fault(
                "bad-profile",
                "A profile's name is 1 to 64 letters, digits, - and _.",
                "Choose another name after --profile.",
            ));
        }
        Ok(Self { folder: data_dir.join(name) })
    }

    pub(crate) fn join(&self) -> Result<Option<JoinFile>, UiError> {
        let Some(text) = read_private(&self.folder.join("join.json"))? else { return Ok(None) };
        let file = serde_json::from_slice(&text).map_err(|_| {
            fault("file", "The join file kept in this profile cannot be read.", "Use another profile and join again.")
        })?;
        Ok(Some(file))
    }

    pub(crate) fn keep_join(&self, file: &JoinFile) -> Result<(), UiError> {
        Ok(write_private(&self.folder.join("join.json"), &json(file))?)
    }

    pub(crate) fn sign_in(&self, sealer: &Sealer) -> Result<Option<KeptSignIn>, UiError> {
        let Some(text) = sealer.read(&self.sign_in_path())? else { return Ok(None) };
        Ok(serde_json::from_slice(&text).ok())
    }

    pub(crate) fn keep_sign_in(&self, sealer: &Sealer, kept: &KeptSignIn) -> Result<(), UiError> {
        Ok(sealer.write(&self.sign_in_path(), &zeroize::Zeroizing::new(json(kept)))?)
    }

    pub(crate) fn forget_sign_in(&self) -> Result<(), UiError> {
        Ok(remove(&self.sign_in_path())?)
    }

    /// Held by the one process that looks for the profile's keys, and makes them where there are none.
    pub(crate) fn keys_lock(&self) -> PathBuf {
        self.folder.join("keys.lock")
    }

    /// Held while the sign-in or the refusals are read and written again. Nothing waits for anybody under it.
    pub(crate) fn lock(&self) -> Result<Lock, UiError> {
        Ok(Lock::wait(&self.folder.join("profile.lock"))?)
    }

    pub(crate) fn refusals_path(&self) -> PathBuf {
        self.folder.join("refusals")
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.folder.join("log.json")
    }

    pub(crate) fn evidence_path(&self, session: &str) -> PathBuf {
        self.folder.join("evidence").join(format!("{session}.evidence"))
    }

    /// Held by whoever opens a door or has it open; `None` while somebody does.
    pub(crate) fn hold_door(&self, request: &str) -> Result<Option<Lock>, UiError> {
        Ok(Lock::try_now(&self.door_path(request, "lock"))?)
    }

    /// Marks a door as open in this process, so that another one of this profile can ask for its end.
    pub(crate) fn mark_door(&self, request: &str) -> Result<(), UiError> {
        remove(&self.door_path(request, "end"))?;
        Ok(write_private(&self.door_path(request, "open"), b"")?)
    }

    pub(crate) fn unmark_door(&self, request: &str) -> Result<(), UiError> {
        remove(&self.door_path(request, "open"))?;
        remove(&self.door_path(request, "more"))?;
        Ok(remove(&self.door_path(request, "end"))?)
    }

    /// Notes which request asks for more time in this Session: whoever has the door open hands it over once it is
    /// countersigned.
    pub(crate) fn note_extension(&self, request: &str, extension: &Digest) -> Result<(), UiError> {
        Ok(write_private(&self.door_path(request, "more"), extension.as_str().as_bytes())?)
    }

    pub(crate) fn extension(&self, request: &str) -> Option<Digest> {
        let text = read_private(&self.door_path(request, "more")).ok()??;
        std::str::from_utf8(&text).ok()?.parse().ok()
    }

    pub(crate) fn forget_extension(&self, request: &str) -> Result<(), UiError> {
        Ok(remove(&self.door_path(request, "more"))?)
    }

    pub(crate) fn door_is_marked(&self, request: &str) -> bool {
        self.door_path(request, "open").exists()
    }

    pub(crate) fn ask_for_end(&self, request: &str) -> Result<(), UiError> {
        Ok(write_private(&self.door_path(request, "end"), b"")?)
    }

    pub(crate) fn end_is_asked(&self, request: &str) -> bool {
        self.door_path(request, "end").exists()
    }

    fn door_path(&self, request: &str, what: &str) -> PathBuf {
        self.folder.join("doors").join(format!("{request}.{what}"))
    }

    fn sign_in_path(&self) -> PathBuf {
        self.folder.join("sign-in")
    }
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| unreachable!("plain structs serialize"))
}
