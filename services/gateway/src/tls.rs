//! TLS of the one port. A client certificate is asked for and may be missing. It is made for one Session and signed by
//! nobody else: what counts is that the peer holds its key, which the handshake proves, and the digest of its DER.

use std::sync::Arc;

use domain::Digest;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, ServerConfig, SignatureScheme,
};
use statement::sha256;

use crate::Error;

/// No client certificate is longer than this, in bytes.
const MAX_CERTIFICATE: usize = 4096;

#[derive(Debug)]
struct AnyKeyHolder(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for AnyKeyHolder {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        let whole = x509_parser::parse_x509_certificate(certificate).is_ok_and(|(rest, _)| rest.is_empty());
        if !whole || !chain.is_empty() || certificate.len() > MAX_CERTIFICATE {
            return Err(TlsError::InvalidCertificate(CertificateError::BadEncoding));
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// The server's side, TLS 1.3 only.
///
/// # Errors
/// [`Error::Config`] when certificate or key cannot be used.
pub fn server_config(certificate_pem: &str, key_pem: &str) -> Result<Arc<ServerConfig>, Error> {
    let wrong = |what: &str| Error::Config(format!("the gateway's {what} cannot be used"));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| wrong("private key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = AnyKeyHolder(provider.signature_verification_algorithms);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| wrong("TLS"))?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(chain, key)
        .map_err(|_| wrong("certificate with its private key"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed handshake proves no key again: each connection is a whole one.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The digest of the certificate that the peer proved to hold.
#[must_use]
pub fn peer_digest(connection: &rustls::ServerConnection) -> Option<Digest> {
    connection.peer_certificates().and_then(|chain| chain.first()).map(sha256)
}
