use anyhow::anyhow;
use recording::{IngestPublic, IngestSecret};
use statement::DeviceKey;

/// Every secret of the three roles besides their TLS keys. It has no `Debug` on purpose.
pub struct Secrets {
    /// PKCS#8: signs the broker's `mfa` and `lease` statements.
    pub attestation: Vec<u8>,
    /// PKCS#8: signs the gateway's assertions.
    pub assertion: Vec<u8>,
    /// Marks personal values at the gateway.
    pub masking: [u8; 32],
    /// Seals the second factors' seeds at the broker.
    pub totp: [u8; 32],
    /// Ed25519 seed: signs the log's checkpoints.
    pub log_seed: [u8; 32],
    /// Wraps the Organizations' keys at the audit service.
    pub storage: [u8; 32],
    /// Opens what the gateway seals.
    pub ingest: IngestSecret,
}

impl Secrets {
    pub fn make() -> anyhow::Result<Self> {
        Ok(Self {
            attestation: DeviceKey::generate()?.1,
            assertion: DeviceKey::generate()?.1,
            masking: random()?,
            totp: random()?,
            log_seed: random()?,
            storage: random()?,
            ingest: IngestSecret::generate()?,
        })
    }

    pub fn ingest_public(&self) -> anyhow::Result<IngestPublic> {
        Ok(self.ingest.public()?)
    }
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow!("this computer gives no randomness"))?;
    Ok(bytes)
}
