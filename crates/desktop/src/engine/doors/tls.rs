use domain::Digest;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::fault::fault;
use crate::view::UiError;

/// The TLS key of one Session. It lives in memory only.
pub(super) struct TlsKey {
    pub(super) cert_pem: String,
    pub(super) key_pem: zeroize::Zeroizing<String>,
    /// SHA-256 of the certificate's DER.
    pub(super) digest: Digest,
}

impl TlsKey {
    pub(super) fn make() -> Result<Self, UiError> {
        let failed = |_| fault("unmade", "No TLS key could be made for this Session.", "Try again.");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "countersign session");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let cert = params.self_signed(&key).map_err(failed)?;
        Ok(Self {
            digest: statement::sha256(cert.der()),
            cert_pem: cert.pem(),
            key_pem: zeroize::Zeroizing::new(key.serialize_pem()),
        })
    }
}
