use serde::{Deserialize, Serialize};

use crate::OrgId;

/// One customer's Organization, as a statement names it: the id decides, the name is what people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// The service's own id.
    pub id: OrgId,
    /// The name that people read.
    pub name: String,
}
