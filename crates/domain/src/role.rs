use serde::{Deserialize, Serialize};

/// What the directory lets a person do; the values stand in the roles claim that the gateway pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// May ask for access and open Sessions.
    Engineer,
    /// May countersign or deny.
    Approver,
    /// May read every Session and sign reviews.
    Reviewer,
    /// May enrol Devices.
    Administrator,
}
