//! One whole decision to open: every statement and token of a bundle, the chain of enrolments, and the policy.

use anyhow::Context as _;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use policy::Policy;
use statement::{Bundle, DeviceKey, base64url_decode, verify_open};
use tests::forge::Company;

use crate::measure::{Case, RUNS, time};

const OPENINGS: usize = 200;
const OPEN: i64 = 1_790_000_000;

pub fn cases() -> anyhow::Result<Vec<Case>> {
    let company = Company::new(OPEN);
    let good = company.good();
    let (policy, provider) = (Policy::compiled_in(), company.known_keys());
    let whole = || {
        let opening = verify_open(&good.bundle, &company.trust, &provider, &good.tls_client, good.opened_at);
        opening.map_err(anyhow::Error::from).and_then(|opening| policy.admit(&opening).map_err(Into::into))
    };
    whole().context("the bundle opens")?;
    let signatures = Signatures::as_many_as(&good.bundle)?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push((
            time(|| (0..OPENINGS).all(|_| whole().is_ok())),
            time(|| (0..OPENINGS).all(|_| signatures.all_verify())),
        ));
    }
    let beside = format!("its {} signatures alone", signatures.messages.len());
    Ok(vec![Case::micros("open/whole", &beside, OPENINGS, &times)])
}

/// One signature for each in the bundle, over as many bytes.
struct Signatures {
    point: Vec<u8>,
    messages: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Signatures {
    fn as_many_as(bundle: &Bundle) -> anyhow::Result<Self> {
        let (key, _) = DeviceKey::generate()?;
        let jwk = serde_json::to_value(key.public())?;
        let coordinate = |name: &str| base64url_decode(jwk[name].as_str().unwrap_or_default());
        let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
        // A PK token is signed twice: by the provider and by the Device.
        let twice = bundle.pk_tokens.iter().chain(&bundle.pk_tokens);
        let rest = [&bundle.enrols, &bundle.decisions, &bundle.mfa].into_iter().flatten();
        let compact = twice.chain(rest).chain([&bundle.request, &bundle.open]);
        let signed = |message: &String| Ok((message.clone().into_bytes(), key.sign(message.as_bytes())?));
        Ok(Self { point, messages: compact.map(signed).collect::<anyhow::Result<_>>()? })
    }

    fn all_verify(&self) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.point);
        self.messages.iter().all(|(message, signature)| key.verify(message, signature).is_ok())
    }
}
