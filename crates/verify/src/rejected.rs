/// Why an Evidence file is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {why}")]
pub struct Rejected {
    /// The part that does not hold, for example `bundle` or `entry 12`.
    pub part: String,
    /// What is wrong with it, in words.
    pub why: String,
}

impl Rejected {
    pub(crate) fn new(part: impl Into<String>, why: impl ToString) -> Self {
        Self { part: part.into(), why: why.to_string() }
    }
}

/// Goes on only when `holds`.
pub(crate) fn require(holds: bool, part: &str, why: &str) -> Result<(), Rejected> {
    if holds { Ok(()) } else { Err(Rejected::new(part, why)) }
}
