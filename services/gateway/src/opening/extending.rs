//! From a bundle that asks for more time to an extension that the log has. Nothing of it is believed because the audit
//! service says so: what it lists is held to its log, and what was signed is verified here.

use std::net::IpAddr;

use client::CallError;
use domain::Digest;
use policy::Policies;
use statement::{Adoption, Bundle, Extension, OpenSession, ProviderKeys, verify_extension};
use wire::audit::ExtendRecording;
use wire::event::Receipt;
use wire::extension::{LoggedExtension, NotExtended, verify_logged};

use super::words::{already_taken, not_extended, not_reliable, refused};
use super::{Gate, adoptions, ask_policy, check_in_force, read};
use crate::log::LogError;
use crate::refused::Refused;
use crate::session::Extended;

/// A bundle that may extend one Session; its Grant is not consumed yet.
pub struct Countersigned {
    call: ExtendRecording,
    extension: Extension,
    policies: Policies,
    provider: std::sync::Arc<ProviderKeys>,
}

impl Countersigned {
    /// The request that names the Grant.
    #[must_use]
    pub fn request(&self) -> &Digest {
        self.extension.opening().request().statement.digest()
    }

    /// The JWKS that it was verified with.
    #[must_use]
    pub fn provider(&self) -> &ProviderKeys {
        &self.provider
    }

    /// Whether it could extend anything anew.
    fn check_in_force(&self) -> Result<(), Refused> {
        check_in_force(&self.policies, self.extension.opening()).map_err(|r| not_extended(&r))
    }
}

impl Gate {
    /// Verifies a bundle that came over the connection of the Session `of`.
    ///
    /// # Errors
    /// [`Refused`] naming the first check that failed.
    pub async fn verify_more(
        &self,
        bundle_json: &[u8],
        of: &OpenSession,
        certificate: &Digest,
        from: IpAddr,
    ) -> Result<Countersigned, Refused> {
        let (bundle_json, bundle) = read(bundle_json)?;
        let (policies, in_force) = self.policies_for(&bundle).await?;
        let provider = self.provider_keys(&bundle.pk_tokens).await?;
        let now = self.clock.now();
        let extension = verify_extension(&bundle, of, &in_force.trust, &provider, certificate, now)
            .map_err(|refusal| not_extended(&refusal))?;
        ask_policy(&in_force, extension.opening(), Some(from))?;
        self.check_log(extension.opening()).await?;
        let policy = in_force.policy.digest().clone();
        let call = ExtendRecording { bundle_json, tls_client: certificate.clone(), extended_at: now, policy };
        Ok(Countersigned { call, extension, policies, provider: provider.current().clone() })
    }

    /// Consumes the Grant at the audit service. Answers with everything that extended the Session since it was `opened`:
    /// what an earlier call consumed whose answer was lost counts too.
    ///
    /// # Errors
    /// [`Refused`], also when the Grant was used for something else.
    pub async fn consume_more(&self, more: &Countersigned, opened: OpenSession) -> Result<Vec<Extended>, Refused> {
        // One under a policy that was replaced adds nothing; what it added in time counts.
        let replaced = more.check_in_force();
        if replaced.is_ok() {
            self.take_more(more, &opened).await?;
        }
        let taken = self.taken(&opened.request).await?.filter(|taken| !taken.recording.sealed);
        let listed = taken.ok_or_else(already_taken)?.extensions;
        let extensions = self.verify_listed(opened, listed).await?;
        let counts = extensions.iter().any(|e| e.request == *more.request());
        if counts { Ok(extensions) } else { replaced.and(Err(already_taken())) }
    }

    async fn take_more(&self, more: &Countersigned, opened: &OpenSession) -> Result<(), Refused> {
        let path = format!("/v1/recordings/{}/extensions", opened.session);
        match self.audit.post_json::<_, Receipt>(&path, &more.call).await {
            Ok(_) => Ok(()),
            Err(CallError::Refused(problem)) if problem.code == "already-taken" => Ok(()),
            Err(CallError::Refused(problem)) if problem.status < 500 => {
                tracing::warn!(code = problem.code, "the audit service refused an extension");
                let title = "The audit service does not accept this extension.";
                Err(refused(403, "audit-refused", title, &problem.detail))
            }
            Err(error) => Err(not_reliable(&LogError::Call(error))),
        }
    }

    /// Verifies what the audit service says extended a Session, in the order in which the log has it.
    ///
    /// # Errors
    /// [`Refused`] when one of them is not in the log, or not what was signed.
    pub(super) async fn verify_listed(
        &self,
        mut of: OpenSession,
        listed: Vec<LoggedExtension>,
    ) -> Result<Vec<Extended>, Refused> {
        if listed.is_empty() {
            return Ok(Vec::new());
        }
        // Who signed one of them may have seen more of the log than was there when this call began.
        let head = &self.log.head().await.map_err(|e| not_reliable(&e))?;
        let mut extensions = Vec::with_capacity(listed.len());
        for logged in listed {
            let proven = self.log.prove(logged.receipt.clone(), head).await.map_err(|e| not_reliable(&e))?;
            let (extension, policies) = self.check_logged(&proven, &logged, &of).await?;
            self.check_seen(extension.opening(), head).await?;
            of.ends_at = extension.ends_at();
            let request = extension.opening().request().statement.digest().clone();
            extensions.push(Extended { request, ends_at: of.ends_at, logged, policies });
        }
        Ok(extensions)
    }

    async fn check_logged(
        &self,
        proven: &crate::log::Proven,
        logged: &LoggedExtension,
        of: &OpenSession,
    ) -> Result<(Extension, Vec<Adoption>), Refused> {
        let bundle: Bundle = serde_json::from_str(&logged.bundle_json).map_err(|_| broken(&NotExtended::Unreadable))?;
        let (policies, in_force) = self.policies_for(&bundle).await?;
        let provider = self.provider_keys(&bundle.pk_tokens).await?;
        let extension = verify_logged(proven.event(), &logged.bundle_json, of, &in_force.trust, &provider)
            .map_err(|why| broken(&why))?;
        ask_policy(&in_force, extension.opening(), None)?;
        let adoptions = adoptions(&policies, extension.opening());
        Ok((extension, adoptions))
    }
}

fn broken(why: &NotExtended) -> Refused {
    tracing::error!(%why, "what the audit service says of an extension does not hold");
    not_reliable(&LogError::Broken("what it says of an extension"))
}
