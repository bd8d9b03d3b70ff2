use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use checkpoint::LogSigner;
use domain::{Clock as _, FixedClock, UnixMillis};
use futures_util::future::BoxFuture;
use merkle::Hash;
use statement::{Adoption, BreakGlassPermission, Forget, Forgetting, Unverified, base64url, sha256};
use wire::audit::Consistency;
use wire::break_glass::{LoggedPermission, LoggedPermissions};
use wire::event::{Append, EventKind, Receipt};
use wire::forgetting::{LoggedForgetting, LoggedForgettings};
use wire::policies::{LoggedPolicies, LoggedPolicy};

use crate::ledger::{Ledger, LedgerError};

/// An audit service in memory, which can be taken away.
#[derive(Default)]
pub(crate) struct Log {
    events: Mutex<Vec<Append>>,
    policies: Mutex<Vec<LoggedPolicy>>,
    pub(crate) permissions: Mutex<Vec<LoggedPermission>>,
    forgettings: Mutex<Vec<LoggedForgetting>>,
    pub(crate) away: AtomicBool,
    /// It takes Events and says nothing.
    pub(crate) mute: AtomicBool,
    /// It shows no head and gives no path, and never says so.
    pub(crate) no_paths: AtomicBool,
    /// It never answers for these.
    pub(crate) silent_on: Mutex<Option<EventKind>>,
    pub(crate) clock: Arc<FixedClock>,
    /// How far its clock is ahead of the broker's, in milliseconds.
    pub(crate) ahead: AtomicI64,
    /// What signers are shown in the place of its head.
    pub(crate) shown: Mutex<Option<String>>,
    /// It has lost so many of its newest entries.
    pub(crate) lost: AtomicUsize,
}

impl Ledger for Log {
    fn append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.here()?;
            let is_silent = *self.silent_on.lock().expect("kind") == Some(append.kind);
            if is_silent {
                std::future::pending::<()>().await;
            }
            // As the audit service takes none.
            if append.personal.values().any(|text| text.contains(char::is_control)) {
                let code = "bad-event".to_owned();
                return Err(LedgerError::Refused { code, why: "A field holds control characters".into() });
            }
            if append.kind == EventKind::RequestSigned && self.has_forgotten(append) {
                let code = "organization-forgotten".to_owned();
                return Err(LedgerError::Refused { code, why: "This Organization was forgotten".into() });
            }
            let mut events = self.events.lock().expect("log");
            if append.unique.is_some() && events.iter().any(|e| e.unique == append.unique) {
                return Err(LedgerError::Taken);
            }
            events.push(append.clone());
            if self.mute.load(Ordering::SeqCst) {
                return Err(LedgerError::Unknown("silence".into()));
            }
            Ok(())
        })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<String, LedgerError>> {
        Box::pin(async move {
            self.here()?;
            self.paths().await;
            Ok(self.head())
        })
    }

    fn consistency(&self, from: u64, to: u64) -> BoxFuture<'_, Result<Consistency, LedgerError>> {
        Box::pin(async move {
            self.here()?;
            self.paths().await;
            let (first, last) = (usize::try_from(from).expect("fits"), usize::try_from(to).expect("fits"));
            let path = merkle::consistency_path(first, &self.leaves()[..last]);
            let path = path.iter().map(|hash| base64url(hash).parse().expect("32 bytes")).collect();
            Ok(Consistency { from, to, path })
        })
    }

    fn permissions(&self) -> BoxFuture<'_, Result<LoggedPermissions, LedgerError>> {
        Box::pin(async move {
            self.here()?;
            Ok(LoggedPermissions { permissions: self.permissions.lock().expect("permissions").clone() })
        })
    }

    /// Its receipt proves nothing; the broker asks none.
    fn permit<'a>(&'a self, permission: &'a BreakGlassPermission) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            self.here()?;
            let mut append = Append::new(EventKind::BreakGlassFiled);
            append.statements.clone_from(&permission.signed.statements);
            self.events.lock().expect("log").push(append);
            let receipt = Receipt { index: 0, leaf: String::new(), inclusion: Vec::new(), checkpoint: String::new() };
            let logged = LoggedPermission { permission: permission.clone(), receipt, used: 0 };
            self.permissions.lock().expect("permissions").push(logged);
            Ok(())
        })
    }

    fn forgettings(&self) -> BoxFuture<'_, Result<LoggedForgettings, LedgerError>> {
        Box::pin(async move {
            self.here()?;
            Ok(LoggedForgettings { forgettings: self.forgettings.lock().expect("forgettings").clone() })
        })
    }

    /// Its receipt proves nothing; the broker asks none.
    fn forget<'a>(&'a self, forgetting: &'a Forgetting) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            self.here()?;
            let mut append = Append::new(EventKind::OrganizationForgotten);
            append.statements.clone_from(&forgetting.statements);
            self.events.lock().expect("log").push(append);
            let receipt = Receipt { index: 0, leaf: String::new(), inclusion: Vec::new(), checkpoint: String::new() };
            let logged = LoggedForgetting { forgetting: forgetting.clone(), receipt };
            self.forgettings.lock().expect("forgettings").push(logged);
            Ok(())
        })
    }

    fn time(&self) -> BoxFuture<'_, Result<UnixMillis, LedgerError>> {
        Box::pin(async move {
            self.here()?;
            Ok(self.clock.now_millis() + self.ahead.load(Ordering::SeqCst))
        })
    }

    fn policies(&self) -> BoxFuture<'_, Result<LoggedPolicies, LedgerError>> {
        Box::pin(async move {
            self.here()?;
            Ok(LoggedPolicies { policies: self.policies.lock().expect("policies").clone() })
        })
    }

    /// Its receipt proves nothing; the broker asks none.
    fn adopt<'a>(&'a self, adoption: &'a Adoption) -> BoxFuture<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            self.here()?;
            let mut append = Append::new(EventKind::PolicyAdopted).fact("policy", sha256(&adoption.text).as_str());
            append.statements.clone_from(&adoption.statements);
            self.events.lock().expect("log").push(append);
            let receipt = Receipt { index: 0, leaf: String::new(), inclusion: Vec::new(), checkpoint: String::new() };
            self.policies.lock().expect("policies").push(LoggedPolicy { adoption: adoption.clone(), receipt });
            Ok(())
        })
    }
}

impl Log {
    fn here(&self) -> Result<(), LedgerError> {
        let away = self.away.load(Ordering::SeqCst);
        if away { Err(LedgerError::Unreachable("taken away".into())) } else { Ok(()) }
    }

    async fn paths(&self) {
        if self.no_paths.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// One entry more than there are Events: a log is never empty.
    fn leaves(&self) -> Vec<Hash> {
        let events = self.events.lock().expect("log");
        let texts = events.iter().map(|event| serde_json::to_string(event).expect("json"));
        let mut leaves: Vec<Hash> = std::iter::once("started".into())
            .chain(texts)
            .map(|text: String| merkle::leaf_hash(text.as_bytes()))
            .collect();
        leaves.truncate(leaves.len() - self.lost.load(Ordering::SeqCst));
        leaves
    }

    pub(crate) fn signer() -> LogSigner {
        LogSigner::from_seed("broker.test/log", &[7; 32]).expect("signer")
    }

    /// Its signed head.
    pub(crate) fn head(&self) -> String {
        let leaves = self.leaves();
        Self::signer().sign(leaves.len() as u64, &merkle::root(&leaves))
    }

    /// What whoever signs now has seen of it.
    pub(crate) fn seen(&self) -> String {
        self.shown.lock().expect("shown").clone().unwrap_or_else(|| self.head())
    }

    fn has_forgotten(&self, append: &Append) -> bool {
        let forgettings = self.forgettings.lock().expect("forgettings");
        let mut statements = forgettings.iter().flat_map(|logged| &logged.forgetting.statements);
        statements.any(|text| {
            let forget = Unverified::<Forget>::read(text).expect("a statement");
            append.organization.as_ref() == Some(&forget.unverified_body().organization.id)
        })
    }

    pub(crate) fn beside(clock: &Arc<FixedClock>) -> Arc<Self> {
        Arc::new(Self { clock: clock.clone(), ..Self::default() })
    }

    /// What was written since there were `n`.
    pub(crate) fn since(&self, n: usize) -> Vec<Append> {
        self.events.lock().expect("log").iter().skip(n).cloned().collect()
    }

    pub(crate) fn kinds(&self) -> Vec<EventKind> {
        self.events.lock().expect("log").iter().map(|e| e.kind).collect()
    }

    pub(crate) fn last(&self) -> Append {
        self.events.lock().expect("log").last().expect("an event").clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.events.lock().expect("log").len()
    }
}
