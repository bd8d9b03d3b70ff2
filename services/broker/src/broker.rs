use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Digest, Organization, PersonId, UnixSeconds};
use identity::ProviderSource;
use serve::{Authenticator, JsonBody, ProblemResponse};
use statement::{Directory, Enrolments, Identity, KnownKeys, Refusal, Trust, sha256};
use tokio::sync::{Mutex, MutexGuard};
use wire::event::{Append, EventKind};

use crate::attest::Attestor;
use crate::clocks::Clocks;
use crate::floods::Floods;
use crate::ledger::{Ledger, Logged};
use crate::policies::KnownPolicies;
use crate::problems::{self, Answer};
use crate::pushes::Pushes;
use crate::reports::Reports;
use crate::saw::KnownLog;
use crate::seal::SecretKey;
use crate::store::{Chain, Store};
use crate::streams::Streams;
use crate::unwritten::Unwritten;

/// A step waits this long for the steps before it.
const TURN: Duration = Duration::from_secs(8);

/// Everything that a call needs.
pub(crate) struct Broker {
    pub(crate) trust: Trust,
    pub(crate) organizations: Vec<Organization>,
    pub(crate) known_policies: KnownPolicies,
    pub(crate) known_log: KnownLog,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store: Store,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) provider: Arc<ProviderSource>,
    pub(crate) attestor: Attestor,
    pub(crate) secrets: SecretKey,
    pub(crate) pushes: Pushes,
    pub(crate) floods: Floods,
    /// Places for open streams.
    pub(crate) streams: Arc<Streams>,
    pub(crate) reports: Reports,
    /// Refusals that are yet to be written down.
    pub(crate) unwritten: Unwritten,
    pub(crate) hours: serve::Hours,
    pub(crate) clocks: Clocks,
    /// Held from the check of a step over its Event to its effect, so that no other step comes between.
    pub(crate) turns: Mutex<()>,
}

/// PK tokens and enrolments with which statements are verified.
#[derive(Debug, Default)]
pub(crate) struct Dossier {
    pub(crate) tokens: Vec<String>,
    pub(crate) enrols: Vec<String>,
}

impl Broker {
    pub(crate) fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    /// Waits for the turn to change something. While the clock here cannot be believed nobody gets one, and that is
    /// written down as `kind`.
    pub(crate) async fn turn(&self, kind: EventKind, who: Option<&Identity>) -> Answer<MutexGuard<'_, ()>> {
        match self.own_turn().await {
            Err(problem) if problem.code() == problems::CLOCKS_DIFFER => {
                Err(self.refuse(kind, who, None, problem).await)
            }
            turn => turn,
        }
    }

    /// As [`Self::turn`], for steps that nobody called for.
    pub(crate) async fn own_turn(&self) -> Answer<MutexGuard<'_, ()>> {
        if !self.clocks.agree(&*self.ledger, &*self.clock).await? {
            return Err(problems::clocks_differ());
        }
        self.any_turn().await
    }

    /// As [`Self::own_turn`], for what only takes away: whatever the clocks say.
    pub(crate) async fn any_turn(&self) -> Answer<MutexGuard<'_, ()>> {
        tokio::time::timeout(TURN, self.turns.lock()).await.map_err(|_| problems::busy())
    }

    /// Writes an Event; what it returns lets the effect happen.
    pub(crate) async fn log(&self, append: Append) -> Answer<Logged> {
        Ok(Logged::write(&*self.ledger, &append).await?)
    }

    /// The same of a step that the audit service may refuse by itself; that is written down too.
    pub(crate) async fn log_step(&self, append: Append, refused: EventKind, who: &Identity) -> Answer<Logged> {
        match self.log(append).await {
            Ok(logged) => Ok(logged),
            Err(problem) => Err(self.refuse(refused, Some(who), None, problem).await),
        }
    }

    /// Writes a refusal down and gives it back as the answer. Of a flood only the count is written down.
    pub(crate) async fn refuse(
        &self,
        kind: EventKind,
        who: Option<&Identity>,
        about: Option<&Digest>,
        problem: ProblemResponse,
    ) -> ProblemResponse {
        let mut append = Append::new(kind);
        if let Some(who) = who {
            append = by(append, who);
        }
        if let Some(about) = about {
            append = append.fact("request", about.as_str());
        }
        self.refuse_as(append, who, problem).await
    }

    /// The same as an Event that says what it is about.
    pub(crate) async fn refuse_as(
        &self,
        append: Append,
        who: Option<&Identity>,
        problem: ProblemResponse,
    ) -> ProblemResponse {
        // There is nowhere to write these; they are counted when they are answered.
        if problems::UNWRITTEN.contains(&problem.code()) {
            return problem;
        }
        if !self.floods.admits(who.map(|w| &w.device), self.now()) {
            return problem;
        }
        match self.log(append.fact("code", problem.code())).await {
            Ok(_) => problem,
            Err(unlogged) => unlogged,
        }
    }

    /// Writes down how many refusals had no entry of their own. What cannot be written now is written later.
    pub(crate) async fn log_floods(&self) -> Answer<()> {
        for (device, count) in self.floods.over(self.now()) {
            let mut append =
                Append::new(EventKind::CallRefused).fact("code", "repeated").fact("count", count.to_string());
            if let Some(device) = device {
                append = append.fact("device", device.as_str());
            }
            self.unwritten.owe(append, count);
        }
        for (person, count) in self.reports.over(self.now()) {
            let append = Append::new(EventKind::RefusedOnDesktop)
                .fact("code", "repeated")
                .fact("reported-by", "desktop")
                .fact("count", count.to_string());
            self.unwritten.owe(append.personal("person", person.0), count);
        }
        while let Some(append) = self.unwritten.next() {
            self.log(append).await?;
            self.unwritten.written();
        }
        Ok(())
    }

    /// The body of a call, or its refusal, written down.
    pub(crate) async fn body<T>(
        &self,
        body: Result<JsonBody<T>, ProblemResponse>,
        kind: EventKind,
        who: &Identity,
    ) -> Answer<T> {
        match body {
            Ok(JsonBody(body)) => Ok(body),
            Err(problem) => Err(self.refuse(kind, Some(who), None, problem).await),
        }
    }

    /// The identity provider's keys: of now, and, for enrolments, of before.
    pub(crate) async fn keys(&self) -> Answer<Arc<KnownKeys>> {
        let current = self.provider.keys_for(None).await.map_err(|error| {
            tracing::warn!(%error, "statements cannot be verified");
            problems::provider_unreachable()
        })?;
        Ok(self.store.known_keys(current, self.now()).await?)
    }

    /// Whether this person's Device is enrolled, by the statements themselves.
    pub(crate) async fn enrolment(&self, who: &Identity) -> Answer<Option<Chain>> {
        let chain = self.store.chain([(who.person.clone(), who.device.clone())]).await?;
        let keys = self.keys().await?;
        let enrolled = Directory::new(&chain.tokens, &self.trust, &keys)
            .map(|directory| Enrolments::derive(&chain.enrols, &directory, &self.trust, self.now()))
            .is_ok_and(|enrolments| enrolments.check(who).is_ok());
        Ok(enrolled.then_some(chain))
    }

    /// The tokens that these digests name, and the enrolments of these people's Devices as far as they verify, with the
    /// tokens of who signed those: nothing that signed nothing.
    pub(crate) async fn dossier(
        &self,
        tokens: impl IntoIterator<Item = Digest>,
        devices: impl IntoIterator<Item = (PersonId, Digest)>,
    ) -> Answer<Dossier> {
        let chain = self.store.chain(devices).await?;
        let keys = self.keys().await?;
        let directory = Directory::of_stored(&chain.tokens, &self.trust, &keys);
        let signed = |enrol: &String| directory.verify_enrol(enrol).ok().map(|(s, _)| s.kid().clone());
        let signers: BTreeSet<Digest> = chain.enrols.iter().filter_map(signed).collect();
        let mut all: Vec<String> = chain.tokens.iter().filter(|t| signers.contains(&sha256(t))).cloned().collect();
        for digest in tokens {
            all.push(self.store.token(&digest).await?);
        }
        all.sort_unstable();
        all.dedup();
        let enrols = chain.enrols.iter().filter(|e| signed(e).is_some()).cloned().collect();
        Ok(Dossier { tokens: all, enrols })
    }

    /// Verifies with everything in `dossier` and the provider's keys of this moment.
    pub(crate) async fn verify<T>(
        &self,
        dossier: &Dossier,
        check: impl FnOnce(&Directory<'_>, &Enrolments, UnixSeconds) -> Result<T, Refusal>,
    ) -> Answer<T> {
        let (keys, now) = (self.keys().await?, self.now());
        let directory = Directory::new(&dossier.tokens, &self.trust, &keys).map_err(|r| serve::refused(&r))?;
        let enrolments = Enrolments::derive(&dossier.enrols, &directory, &self.trust, now);
        check(&directory, &enrolments, now).map_err(|r| serve::refused(&r))
    }
}

/// Who did it: the Device as a fact, the person as personal fields.
pub(crate) fn by(append: Append, who: &Identity) -> Append {
    append.fact("device", who.device.as_str()).personal("person", &who.person.0).personal("name", &who.name)
}
