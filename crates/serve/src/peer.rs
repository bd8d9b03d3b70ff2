use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

/// One of our own services, by the common name of its certificate of the internal CA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Broker,
    Gateway,
    Audit,
}

/// Who is at the other end of a connection, as TLS knows it. Stands in the extensions of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The service whose certificate the handshake verified.
    pub service: Option<Service>,
    pub address: SocketAddr,
}

impl Service {
    /// The common name in its certificate.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Gateway => "gateway",
            Self::Audit => "audit",
        }
    }

    /// From a certificate that the handshake has verified: exactly one common name, and one that we know.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let mut names = parsed.subject().iter_common_name();
        let (name, second) = (names.next()?, names.next());
        match (name.as_str().ok()?, second.is_none()) {
            ("broker", true) => Some(Self::Broker),
            ("gateway", true) => Some(Self::Gateway),
            ("audit", true) => Some(Self::Audit),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> CertificateDer<'static> {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".into()]).expect("params");
        params.distinguished_name = rcgen::DistinguishedName::new();
        for name in names {
            params.distinguished_name.push(rcgen::DnType::CommonName, *name);
        }
        let key = rcgen::KeyPair::generate().expect("key");
        params.self_signed(&key).expect("certificate").der().clone()
    }

    #[test]
    fn a_service_is_its_common_name() {
        assert_eq!(Service::of(&named(&["gateway"])), Some(Service::Gateway));
        for stranger in ["Gateway", "gateway ", "mara", ""] {
            assert_eq!(Service::of(&named(&[stranger])), None, "{stranger:?}");
        }
        assert_eq!(Service::of(&named(&[])), None);
        assert_eq!(Service::of(&CertificateDer::from(vec![0x30, 0x00])), None);
    }
}
