//! A certificate for a service of our own, from a CA that is made with it.

use std::{path::Path, process::Command};

use crate::commands;

/// Leaves `ca.pem`, `tls.key` and `tls.pem` for this host in the folder.
pub fn make(folder: &Path, host: &str) -> anyhow::Result<()> {
    let openssl = |arguments: &[&str]| {
        let key = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
        commands::output(Command::new("openssl").current_dir(folder).args(key).args(arguments)).map(drop)
    };
    openssl(&["-keyout", "ca.key", "-out", "ca.pem", "-subj", &format!("/CN=CA of {host}")])?;
    let signed = ["-keyout", "tls.key", "-out", "tls.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj"];
    let (subject, name) = (format!("/CN={host}"), format!("subjectAltName=DNS:{host}"));
    let server = ["basicConstraints=critical,CA:FALSE", "extendedKeyUsage=serverAuth"];
    let mut arguments = signed.to_vec();
    arguments.push(&subject);
    for extension in [name.as_str(), server[0], server[1]] {
        arguments.extend(["-addext", extension]);
    }
    openssl(&arguments)
}
