use std::path::Path;

use anyhow::Context as _;
use domain::UnixSeconds;
use jiff::{Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use super::files;

/// The internal certificates end after this many years; there is nobody else's to fall back to.
const YEARS: i16 = 10;

/// The certificate authority of one installation: it vouches for the three services, to each other and to desktops.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    made_at: UnixSeconds,
}

/// A role's certificate and its secret key, both PEM.
pub struct Certified {
    pub certificate_pem: String,
    pub key_pem: String,
}

impl Authority {
    pub fn make(operator: &str, now: UnixSeconds) -> anyhow::Result<Self> {
        let mut params = params(&format!("{operator}: Countersign internal CA"), now)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer =
            CertifiedIssuer::self_signed(params, KeyPair::generate()?).context("the internal CA cannot be made")?;
        Ok(Self { issuer, made_at: now })
    }

    pub fn certificate_pem(&self) -> String {
        self.issuer.pem()
    }

    /// The one that [`Self::keep`] kept.
    pub fn read(folder: &Path, now: UnixSeconds) -> anyhow::Result<Issuing> {
        let (certificate, key) = (files::read(&folder.join("ca.pem"))?, files::read(&folder.join("ca.key"))?);
        let key = KeyPair::from_pem(&key).with_context(|| format!("{}/ca.key is no key", folder.display()))?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key)
            .with_context(|| format!("{}/ca.pem is no certificate of an authority", folder.display()))?;
        Ok(Issuing { issuer, now })
    }

    /// A certificate whose CN says which service it is, good as a TLS server under `names` and as a client.
    pub fn certify(&self, role: &str, names: &[&str]) -> anyhow::Result<Certified> {
        certify(&self.issuer, self.made_at, role, names)
    }

    pub fn keep(&self, folder: &Path) -> anyhow::Result<()> {
        files::folder(folder)?;
        files::public(&folder.join("ca.pem"), self.certificate_pem())?;
        files::secret(&folder.join("ca.key"), self.issuer.key().serialize_pem())
    }
}

/// An authority that was made before.
pub struct Issuing {
    issuer: Issuer<'static, KeyPair>,
    now: UnixSeconds,
}

impl Issuing {
    /// As [`Authority::certify`].
    pub fn certify(&self, role: &str, names: &[&str]) -> anyhow::Result<Certified> {
        certify(&self.issuer, self.now, role, names)
    }
}

fn certify(
    issuer: &Issuer<'static, KeyPair>,
    now: UnixSeconds,
    role: &str,
    names: &[&str],
) -> anyhow::Result<Certified> {
    let mut params = params(role, now)?;
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    params.subject_alt_names = CertificateParams::new(names).context("a host name is not one")?.subject_alt_names;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer).context("a certificate cannot be made")?;
    Ok(Certified { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

fn params(common_name: &str, now: UnixSeconds) -> anyhow::Result<CertificateParams> {
    let today = Timestamp::from_second(now)?.to_zoned(TimeZone::UTC).date();
    let begin = today.yesterday()?;
    let date = |d: jiff::civil::Date, years: i16| -> anyhow::Result<_> {
        // The 29th of February is not in every year.
        Ok(rcgen::date_time_ymd(i32::from(d.year() + years), u8::try_from(d.month())?, u8::try_from(d.day().min(28))?))
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = date(begin, 0)?;
    params.not_after = date(begin, YEARS)?;
    Ok(params)
}
