//! `countersignd renew`: new TLS keys and certificates for the roles, under the names of the ones before.

use anyhow::{Context as _, bail};
use domain::UnixSeconds;

use crate::arguments::RenewArguments;
use crate::certificates::TlsFiles;
use crate::init::authority::{Authority, Issuing};
use crate::init::files;

/// Each file is replaced as a whole. Who stops between a key and its certificate runs it again.
///
/// # Errors
/// A sentence that says what to do.
pub fn run(arguments: &RenewArguments, now: UnixSeconds) -> anyhow::Result<()> {
    let authority = Authority::read(&arguments.dir.join("ca"), now)?;
    let all = ["broker", "gateway", "audit"].map(str::to_owned);
    let roles = if arguments.roles.is_empty() { &all[..] } else { &arguments.roles };
    for role in roles {
        one(arguments, &authority, role)?;
        println!("{role}: renewed; send it SIGHUP, or start it again");
    }
    Ok(())
}

fn one(arguments: &RenewArguments, authority: &Issuing, role: &str) -> anyhow::Result<()> {
    let tls = TlsFiles::of(&arguments.dir, role)?;
    let names = serve::certificates::names(&tls.certificate)?;
    if names.is_empty() {
        bail!("{} names no host; it cannot be renewed", tls.certificate.display());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let certified = authority.certify(role, &names)?;
    files::replace_secret(&tls.private_key, certified.key_pem)
        .and_then(|()| files::replace_public(&tls.certificate, certified.certificate_pem))
        .with_context(|| format!("the {role} is not renewed; make room and run this again before it is started again"))
}
