use std::sync::Arc;
use std::time::Duration;

use domain::UnixSeconds;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use super::DoorError;

/// Clocks of two computers differ: the certificate is valid this much earlier and later, in seconds.
const LEEWAY: i64 = 300;

/// What the tunnels of one door speak TLS with.
pub(super) struct Certificate {
    pub(super) pem: String,
    pub(super) tls: Arc<ServerConfig>,
}

/// A fresh self-signed certificate (ECDSA P-256) for these hosts; its key never leaves this process.
pub(super) fn make(hosts: &[String], from: UnixSeconds, to: UnixSeconds) -> Result<Certificate, DoorError> {
    let fault = |_| DoorError::Malformed("certificate");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(fault)?;
    let mut params = CertificateParams::new(hosts).map_err(fault)?;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + seconds(from.saturating_sub(LEEWAY))?;
    params.not_after = epoch + seconds(to.saturating_add(LEEWAY))?;
    params.distinguished_name.push(DnType::CommonName, "Countersign session door");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key).map_err(fault)?;
    let der = certificate.der().clone();
    let secret = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Ok(Certificate { pem: certificate.pem(), tls: Arc::new(server_config(der, secret)?) })
}

fn server_config(
    der: rustls::pki_types::CertificateDer<'static>,
    secret: PrivateKeyDer<'static>,
) -> Result<ServerConfig, DoorError> {
    let fault = |_| DoorError::Malformed("certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(fault)?
        .with_no_client_auth()
        .with_single_cert(vec![der], secret)
        .map_err(fault)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The last second that X.509 can write is in the year 9999.
fn seconds(at: UnixSeconds) -> Result<Duration, DoorError> {
    let at = u64::try_from(at).ok().filter(|&at| at < 253_402_300_799);
    at.map(Duration::from_secs).ok_or(DoorError::Malformed("time"))
}
