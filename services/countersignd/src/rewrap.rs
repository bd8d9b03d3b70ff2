//! `countersignd rewrap`: every Organization's key under another key service.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use audit::Config;
use domain::SystemClock;

use crate::arguments::RewrapArguments;
use crate::permissions;

/// All keys move or none.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(arguments: &RewrapArguments) -> anyhow::Result<()> {
    let read = |path: &std::path::Path| {
        permissions::check(path)?;
        Config::read(path).with_context(|| format!("{} cannot be used", path.display()))
    };
    let (from, to) = (read(&arguments.config)?, read(&arguments.to)?);
    if (&from.database, &from.objects) != (&to.database, &to.objects) {
        bail!("both configurations must name the same database and objects");
    }
    let moved = audit::rewrap(&from, &to.key_service, Arc::new(SystemClock)).await.context("no key was moved")?;
    println!("keys wrapped anew: {moved}");
    println!("start the audit service with {} in the place of {}", arguments.to.display(), arguments.config.display());
    Ok(())
}
