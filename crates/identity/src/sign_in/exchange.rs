use std::sync::Arc;

use chrono::DateTime;
use domain::Clock;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthorizationCode, ClientId, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
};
use reqwest::Client;
use serde::{Deserialize, Serialize};

use super::loopback::Asked;
use super::{SignInPlan, same};
use crate::{IdentityError, SignInError, fetch};

/// What providers announce besides OpenID Connect Discovery: RFC 9207.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Announced {
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for Announced {}

type Metadata = ProviderMetadata<
    Announced,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider of one sign-in, as it described itself a moment ago.
pub(super) struct Provider {
    plan: SignInPlan,
    metadata: Metadata,
    redirect: RedirectUrl,
    token_endpoint: openidconnect::TokenUrl,
}

impl Provider {
    pub(super) async fn discover(plan: SignInPlan, redirect: String) -> Result<Self, SignInError> {
        let issuer =
            IssuerUrl::new(plan.issuer.clone()).map_err(|_| IdentityError::Misconfigured("the issuer is not a URL"))?;
        fetch::checked(&plan.issuer)?;
        let metadata =
            Metadata::discover_async(issuer, &|request| send(plan.http.clone(), request)).await.map_err(|error| {
                match error {
                    openidconnect::DiscoveryError::Request(inner) => inner,
                    _ => IdentityError::Unusable("the discovery document or the key set is not one"),
                }
            })?;
        // The library compares parsed addresses; the pinned spelling is the identity.
        if metadata.issuer().as_str() != plan.issuer {
            return Err(IdentityError::Unusable("the discovery document names another issuer").into());
        }
        fetch::checked(metadata.authorization_endpoint().as_str())?;
        let token_endpoint =
            metadata.token_endpoint().cloned().ok_or(IdentityError::Unusable("it names no token endpoint"))?;
        let redirect = RedirectUrl::new(redirect).map_err(|_| SignInError::NoPort)?;
        Ok(Self { plan, metadata, redirect, token_endpoint })
    }

    /// The address at the provider, and the PKCE verifier that it commits to.
    pub(super) fn authorize(&self, state: &str) -> (String, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (state.to_owned(), self.plan.nonce.clone());
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id(), None)
            .set_redirect_uri(self.redirect.clone());
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("profile".into()))
            .add_prompt(CoreAuthPrompt::Login)
            .set_pkce_challenge(challenge)
            .url();
        (url.to_string(), verifier)
    }

    /// From the browser's callback, whose `state` has been checked, to an ID token in compact form.
    pub(super) async fn redeem(&self, asked: &Asked, verifier: PkceCodeVerifier) -> Result<String, SignInError> {
        self.check_issuer(asked)?;
        if let Some(error) = asked.one("error") {
            return Err(SignInError::Refused(words(error, asked.one("error_description").unwrap_or_default())));
        }
        let code = asked.one("code").ok_or_else(|| SignInError::Refused("the answer holds no code".into()))?;
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), self.client_id(), None)
            .set_redirect_uri(self.redirect.clone())
            .set_token_uri(self.token_endpoint.clone());
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(verifier)
            .request_async(&|request| send(self.plan.http.clone(), request))
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(said) => SignInError::Refused(words(
                    said.error().as_ref(),
                    said.error_description().map_or("", String::as_str),
                )),
                RequestTokenError::Request(inner) => inner.into(),
                _ => IdentityError::Unusable("the token answer is not one").into(),
            })?;
        let token = answer.id_token().ok_or_else(|| SignInError::BadToken("the provider sent none".into()))?;
        let clock = self.plan.clock.clone();
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || at(&clock));
        let nonce = self.plan.nonce.clone();
        token
            .claims(&verifier, move |said: Option<&Nonce>| match said {
                Some(said) if same(said.secret(), &nonce) => Ok(()),
                _ => Err("it does not commit to this computer's key".to_owned()),
            })
            .map_err(|error| SignInError::BadToken(error.to_string()))?;
        let compact = token.to_string();
        statement::check_id_token(&compact, self.plan.clock.now().saturating_add(SLOW_CLOCK_SECONDS))
            .map_err(|refusal| SignInError::BadToken(refusal.to_string()))?;
        Ok(compact)
    }

    /// RFC 9207: `iss` must be there when it was announced, and must be right wherever it stands.
    fn check_issuer(&self, asked: &Asked) -> Result<(), SignInError> {
        let announced =
            self.metadata.additional_metadata().authorization_response_iss_parameter_supported == Some(true);
        let stands = asked.query.iter().any(|(name, _)| name == "iss");
        match asked.one("iss") {
            Some(iss) if iss == self.plan.issuer => Ok(()),
            None if !announced && !stands => Ok(()),
            _ => Err(SignInError::OtherIssuer),
        }
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.plan.client_id.clone())
    }
}

/// This computer's clock may be so far behind the provider's. Services take no proofs from a slower one either.
const SLOW_CLOCK_SECONDS: i64 = 30;

/// The algorithms that `statement` verifies; nothing symmetric, and not `none`.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

fn at(clock: &Arc<dyn Clock>) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(clock.now(), 0).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
}

/// The provider's own words, bounded and on one line.
fn words(code: &str, description: &str) -> String {
    let text = if description.is_empty() { code.to_owned() } else { format!("{description} ({code})") };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

async fn send(http: Client, request: HttpRequest) -> Result<HttpResponse, IdentityError> {
    fetch::checked(&request.uri().to_string())?;
    let request =
        reqwest::Request::try_from(request).map_err(|_| IdentityError::Unusable("an address is not a URL"))?;
    let answer = http.execute(request).await.map_err(fetch::unreachable)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    if status.is_redirection() || status.is_server_error() {
        return Err(IdentityError::Unreachable(format!("status {}", status.as_u16())));
    }
    let mut response = http::Response::new(fetch::body(answer).await?);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
