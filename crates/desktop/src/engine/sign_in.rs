use std::sync::Arc;

use client::{BrokerClient, Credentials};
use identity::{SignIn, SignInPlan};
use statement::{CicHeader, PkToken, nonce_for};
use tokio::sync::watch;
use wire::join::JoinFile;

use super::{Engine, Inner, SignedIn, Unlocked, no_randomness, signed_out};
use crate::fault::{call, fault, refusal};
use crate::joined::Joined;
use crate::profile::KeptSignIn;
use crate::show::device;
use crate::view::{AppState, DeviceView, Notice, SignInView, UiError};

/// A sign-in that waits for the browser.
pub(super) struct Pending {
    task: tokio::task::JoinHandle<()>,
    outcome: watch::Receiver<Option<Result<(), UiError>>>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Engine {
    /// Pins the installation of a join file. A second file for the same profile must be the same.
    ///
    /// # Errors
    /// [`UiError`]: `bad-join-file`, or `log-key-differs` when another log key is pinned already.
    pub async fn join(&self, text: &str) -> Result<AppState, UiError> {
        let inner = &self.inner;
        let file: JoinFile = serde_json::from_str(text).map_err(|_| {
            fault(
                "bad-join-file",
                "This is not a join file.",
                "Ask your administrator for the join file; nothing was kept.",
            )
        })?;
        if let Some(pinned) = inner.profile.join()? {
            same_installation(&pinned, &file).inspect_err(|error| inner.report_error(error, None, None))?;
        }
        let joined = Arc::new(Joined::new(file, &inner.profile, &inner.config.clock)?);
        inner.profile.keep_join(&joined.file)?;
        inner.live().joined = Some(joined);
        inner.tell(Notice::State);
        self.state().await
    }

    /// This computer's Device key, made on first use.
    ///
    /// # Errors
    /// [`UiError`]: `keyring`.
    pub async fn key(&self) -> Result<DeviceView, UiError> {
        Ok(device(&self.inner.unlocked().await?.device.public()))
    }

    /// Begins a sign-in in the system browser; one that was begun before ends. The rest happens in the background:
    /// see [`Self::finish_sign_in`].
    ///
    /// # Errors
    /// [`UiError`] when the provider does not answer.
    pub async fn begin_sign_in(&self) -> Result<SignInView, UiError> {
        let (joined, keys) = (self.inner.joined()?, self.inner.unlocked().await?);
        {
            let mut live = self.inner.live();
            live.sign_in = None;
            live.sign_in_failed = None;
        }
        let mut random = [0; 32];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| no_randomness())?;
        let cic = CicHeader::encoded(&keys.device.public(), random);
        let sign_in = SignIn::begin(SignInPlan {
            issuer: joined.file.trust.issuer.clone(),
            client_id: joined.file.trust.client_id.clone(),
            nonce: nonce_for(&cic),
            http: joined.http.clone(),
            clock: self.inner.config.clock.clone(),
        })
        .await?;
        let view = SignInView { url: sign_in.url(), match_code: sign_in.match_code().to_owned() };
        let (tell, outcome) = watch::channel(None);
        let inner = self.inner.clone();
        let task = tokio::spawn(async move {
            let result = inner.complete_sign_in(&joined, &keys, sign_in, &cic).await;
            let failed = result.as_ref().err().cloned();
            if let Some(error) = &failed {
                tracing::warn!(code = error.code, "the sign-in failed");
            }
            inner.live().sign_in_failed.clone_from(&failed);
            drop(tell.send(Some(result)));
            inner.tell(Notice::SignIn { failed });
            inner.tell(Notice::State);
        });
        self.inner.live().sign_in = Some(Pending { task, outcome });
        Ok(view)
    }

    /// Waits until the sign-in that was begun is done, or failed.
    ///
    /// # Errors
    /// [`UiError`] saying why it failed.
    pub async fn finish_sign_in(&self) -> Result<AppState, UiError> {
        let outcome = self.inner.live().sign_in.as_ref().map(|p| p.outcome.clone());
        let Some(mut outcome) = outcome else {
            return Err(fault("no-sign-in", "No sign-in has begun.", "Begin the sign-in first."));
        };
        let superseded = || fault("sign-in-replaced", "Another sign-in was begun.", "Finish the newer one.");
        let done = outcome.wait_for(Option::is_some).await.map_err(|_| superseded())?.clone();
        done.unwrap_or_else(|| Err(superseded()))?;
        self.state().await
    }

    /// Gives up the sign-in that was begun; its page no longer answers.
    pub fn cancel_sign_in(&self) {
        {
            let mut live = self.inner.live();
            live.sign_in = None;
            live.sign_in_failed = None;
        }
        self.inner.tell(Notice::State);
    }

    /// Forgets the sign-in on this computer. Open Sessions of this profile end.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn sign_out(&self) -> Result<AppState, UiError> {
        for request in self.doors().into_iter().map(|d| d.request) {
            if let Err(error) = self.end_session(&request).await {
                tracing::warn!(code = error.code, "a session could not be ended at sign-out");
            }
        }
        {
            let _one_process = self.inner.profile.lock()?;
            self.inner.profile.forget_sign_in()?;
        }
        {
            let mut live = self.inner.live();
            live.sign_in_failed = None;
            live.person = None;
            live.me = None;
            live.sign_in = None;
            live.reveals = None;
            live.watching.clear();
        }
        self.inner.people.send_replace(());
        self.inner.tell(Notice::State);
        self.state().await
    }
}

impl Inner {
    async fn complete_sign_in(
        &self,
        joined: &Arc<Joined>,
        keys: &Unlocked,
        sign_in: SignIn,
        cic: &str,
    ) -> Result<(), UiError> {
        let id_token = sign_in.finish().await?;
        let pk_token = PkToken::make(&id_token, cic, &keys.device).map_err(|_| no_randomness())?;
        let kept = KeptSignIn { pk_token, mfa: None };
        let person = self.verified_person(joined, keys, &kept).await?;
        {
            let _one_process = self.profile.lock()?;
            self.profile.keep_sign_in(&keys.sealer, &kept)?;
        }
        let who = person.identity.person.clone();
        {
            let mut live = self.live();
            live.person = Some(Arc::new(person));
            live.me = None;
            live.watching.clear();
        }
        self.people.send_replace(());
        self.end_sessions_of_others(&who).await;
        Ok(())
    }

    /// The sign-in that this profile keeps, verified again.
    pub(super) async fn restore_sign_in(&self) -> Result<Arc<SignedIn>, UiError> {
        let (joined, keys) = (self.joined()?, self.unlocked().await?);
        let kept =
            self.profile.sign_in(&keys.sealer)?.ok_or_else(|| signed_out("Nobody is signed in on this computer."))?;
        let person = Arc::new(self.verified_person(&joined, &keys, &kept).await?);
        self.live().person = Some(person.clone());
        Ok(person)
    }

    /// The same sign-in with the code that the profile keeps, which another process may have taken.
    pub(super) async fn with_kept_factor(&self, person: Arc<SignedIn>) -> Result<Arc<SignedIn>, UiError> {
        let (joined, keys) = (self.joined()?, self.unlocked().await?);
        let kept = self.profile.sign_in(&keys.sealer)?;
        let Some(kept) = kept.filter(|kept| kept.pk_token == person.credentials.pk_token.to_string()) else {
            return Ok(person);
        };
        let newer = Arc::new(self.verified_person(&joined, &keys, &kept).await?);
        let mut live = self.live();
        if live.person.as_ref().is_some_and(|now| Arc::ptr_eq(now, &person)) {
            live.person = Some(newer.clone());
        }
        Ok(newer)
    }

    /// Keeps the attestation of a sign-in's code.
    pub(super) async fn keep_factor(&self, attestation: String) -> Result<(), UiError> {
        let (joined, keys, person) = (self.joined()?, self.unlocked().await?, self.person().await?);
        Self::checked_factor(&joined, &person, &attestation, None)?;
        let kept = KeptSignIn { pk_token: person.credentials.pk_token.to_string(), mfa: Some(attestation) };
        let person = self.verified_person(&joined, &keys, &kept).await?;
        {
            let _one_process = self.profile.lock()?;
            let now = self.profile.sign_in(&keys.sealer)?;
            if now.is_none_or(|now| now.pk_token != kept.pk_token) {
                self.live().person = None;
                return Err(fault(
                    "sign-in-replaced",
                    "Another window or command of this profile has signed in or out meanwhile.",
                    "Look again who is signed in, then enter a new code.",
                ));
            }
            self.profile.keep_sign_in(&keys.sealer, &kept)?;
        }
        self.live().person = Some(Arc::new(person));
        self.tell(Notice::State);
        Ok(())
    }

    async fn verified_person(&self, joined: &Joined, keys: &Unlocked, kept: &KeptSignIn) -> Result<SignedIn, UiError> {
        let provider = joined.keys_for(&[&kept.pk_token]).await?;
        let identity = PkToken::read(&kept.pk_token)
            .and_then(|token| token.verify(&joined.file.trust, provider.current(), self.now()))
            .map_err(|r| match r {
                statement::Refusal::SignInTooOld => signed_out("Your sign-in is older than 8 hours."),
                other => refusal("your sign-in")(other),
            })?;
        if identity.device != keys.device.public().thumbprint() {
            return Err(signed_out("The sign-in kept here belongs to another Device key."));
        }
        let credentials = Credentials::new(&kept.pk_token, keys.device.clone(), self.config.clock.clone());
        let broker =
            BrokerClient::new(&joined.file.broker, &joined.file.ca, credentials.clone()).map_err(call("the broker"))?;
        let mut person = SignedIn { identity, credentials, broker, factor: None };
        if let Some(attestation) = &kept.mfa {
            let at = Self::checked_factor(joined, &person, attestation, None)?;
            person.factor = Some((attestation.clone(), at));
        }
        Ok(person)
    }
}

/// A pinned installation is never replaced by a file.
fn same_installation(pinned: &JoinFile, file: &JoinFile) -> Result<(), UiError> {
    if pinned.trust.log_key != file.trust.log_key {
        return Err(fault(
            "log-key-differs",
            "This server shows a different log key than the one remembered here.",
            "Do not continue. Call security.",
        ));
    }
    if pinned != file {
        return Err(fault(
            "already-joined",
            "This profile has joined another installation, or another state of it.",
            "Use another profile for another installation.",
        ));
    }
    Ok(())
}
