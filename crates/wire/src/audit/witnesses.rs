//! Who has seen how much of the log.

use serde::{Deserialize, Serialize};

/// A desktop's cosignature of a Checkpoint that it held to its last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewCosignature {
    /// The log's signed note with the line of the Device's witness key behind it (C2SP tlog-cosignature).
    pub checkpoint: String,
    /// The `witness-key` statement of the Device.
    pub statement: String,
}

/// What each witness saw last. Nobody believes it for the audit service's word: the log and the witness signed each note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Witnesses {
    pub outside: Vec<OutsideWitness>,
    /// The largest heads first.
    pub devices: Vec<DeviceWitness>,
    /// The chain of `enrol` statements from first administrators down to these Devices…
    pub enrols: Vec<String>,
    /// …and the PK tokens of whoever signed them.
    pub tokens: Vec<String>,
}

/// A witness that the audit service is configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutsideWitness {
    /// `name+hash+key`.
    pub key: String,
    /// The last note that it cosigned, with its line.
    pub checkpoint: Option<String>,
    /// Why it cosigns nothing now.
    pub trouble: Option<WitnessTrouble>,
}

/// A Device that cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceWitness {
    /// The last note that it cosigned, with its line.
    pub checkpoint: String,
    /// Its `witness-key` statement.
    pub statement: String,
    /// The PK token of the statement's signer.
    pub token: String,
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WitnessTrouble {
    Unreachable,
    Refused {
        status: u16,
    },
    /// Its answer holds no cosignature of its key.
    NoCosignature,
    /// It says that it cosigned a longer log: this one was rolled back.
    Ahead {
        size: u64,
    },
    /// It says that it cosigned another log under this name.
    NotConsistent,
}
