use std::sync::Arc;

use domain::{Clock, Digest};
use reqwest::{Method, RequestBuilder};
use statement::{DeviceKey, DpopProof, dpop_proof};

use crate::CallError;
use crate::http::Base;

/// Somebody's sign-in on this computer: the PK token, and the Device key that it is bound to.
#[derive(Clone)]
pub struct Credentials {
    pub pk_token: Arc<str>,
    /// SHA-256 of the PK token.
    pub digest: Digest,
    pub device: Arc<DeviceKey>,
    pub clock: Arc<dyn Clock>,
}

impl Credentials {
    /// For this token and key.
    #[must_use]
    pub fn new(pk_token: &str, device: Arc<DeviceKey>, clock: Arc<dyn Clock>) -> Self {
        Self { pk_token: pk_token.into(), digest: statement::sha256(pk_token), device, clock }
    }

    /// A call with the token and a proof made for exactly this method and address.
    pub(crate) fn request(
        &self,
        base: &Base,
        method: Method,
        path_and_query: &str,
    ) -> Result<RequestBuilder, CallError> {
        let path = path_and_query.split('?').next().unwrap_or_default();
        let mut random = [0; 16];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| CallError::Unmade("the system gives no randomness"))?;
        let claims = DpopProof {
            ath: self.digest.clone(),
            htm: method.as_str().to_owned(),
            htu: format!("{}{path}", base.address),
            iat: self.clock.now(),
            jti: statement::base64url(random),
        };
        let proof = dpop_proof(&self.device, &claims).map_err(|_| CallError::Unmade("the Device key cannot sign"))?;
        Ok(base
            .request(method, path_and_query)
            .header("authorization", format!("DPoP {}", self.pk_token))
            .header("dpop", proof))
    }
}
