//! Keys and certificates that may change while Sessions are open: they are read again from the files that the configuration
//! names, all of them or none.

use std::sync::Arc;

use ::serve::tls::Renewable;
use rustls::ServerConfig;
use statement::DeviceKey;
use zeroize::Zeroizing;

use crate::config::{Config, read_secret, read_text};
use crate::exchange::Carrier;
use crate::{Error, tls};

/// As they are on the disk.
pub struct Keys {
    pub ca: String,
    pub certificate: String,
    pub key: Zeroizing<String>,
    pub assertion: DeviceKey,
}

impl Keys {
    /// # Errors
    /// [`Error`] naming the file that cannot be used.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let key = String::from_utf8(read_secret(&config.private_key)?.to_vec())
            .map_err(|_| Error::Config("the private key is not PEM".into()))?;
        let assertion =
            DeviceKey::from_pkcs8(&read_secret(&config.assertion_key)?).map_err(|e| Error::Config(e.to_string()))?;
        let (ca, certificate) = (read_text(&config.ca)?, read_text(&config.certificate)?);
        Ok(Self { ca, certificate, key: Zeroizing::new(key), assertion })
    }

    /// # Errors
    /// [`Error::Config`] when certificate and key do not belong together.
    pub fn server(&self) -> Result<Arc<ServerConfig>, Error> {
        tls::server_config(&self.certificate, &self.key)
    }
}

/// What is done whenever the gateway is told to.
pub fn renew(config: Config, carrier: Arc<Carrier>, tls: Renewable) -> impl Fn() -> Result<(), Error> + Send {
    move || {
        let keys = Keys::read(&config)?;
        let server = keys.server()?;
        let gate = &carrier.life.gate;
        gate.audit.renew(&keys.ca, &keys.certificate, &keys.key)?;
        gate.broker.renew(&keys.ca, &keys.certificate, &keys.key)?;
        tls.renew(server);
        carrier.asserter.renew(keys.assertion);
        Ok(())
    }
}
