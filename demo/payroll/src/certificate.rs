use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

/// The name that the service answers under.
pub const HOST: &str = "payroll.test";
const TARGET: &str = include_str!("../target.toml");

/// Makes the CA and the certificate if they are not there yet, and writes `target.toml` for this address.
pub fn make_missing(dir: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    if !dir.join("tls.pem").exists() {
        make(dir)?;
    }
    fs::write(dir.join("target.toml"), TARGET.replace("{listen}", &listen.to_string()))
        .context("target.toml cannot be written")
}

fn make(dir: &Path) -> anyhow::Result<()> {
    let mut params = named("Kestrel Payroll demo CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let mut params = named(HOST);
    params.subject_alt_names = CertificateParams::new([HOST.to_owned()])?.subject_alt_names;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &ca)?;

    fs::write(dir.join("ca.pem"), ca.pem())?;
    secret(&dir.join("tls.key"), &key.serialize_pem())?;
    fs::write(dir.join("tls.pem"), certificate.pem())?;
    Ok(())
}

fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2036, 1, 1);
    params
}

fn secret(path: &Path, content: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes())?;
    Ok(())
}
