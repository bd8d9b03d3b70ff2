use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError, RwLock};

use aws_lc_rs::hmac;
use domain::{OrgId, PersonId, ReasonCategory};
use key_service::{KeyService, KeyServiceError, Place};
use recording::{SecretKey, cobblestone};

use crate::error::StoreError;

/// Whose key something is sealed under: an Organization's, or the company's (empty).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Owner(pub String);

impl Owner {
    pub fn of(organization: Option<&OrgId>) -> Self {
        Self(organization.map(ToString::to_string).unwrap_or_default())
    }

    pub fn place(&self) -> Place<'_> {
        Place { purpose: "countersign/owner-key/v1", owner: &self.0 }
    }
}

/// The owners' keys, opened. Filled by the writer only, and only with keys that are committed.
pub(crate) struct Vault {
    key_service: KeyService,
    /// Fresh keys, each with what the key service made of it, that are not in the database yet.
    prepared: Mutex<HashMap<Owner, Prepared>>,
    keys: RwLock<HashMap<Owner, SecretKey>>,
    /// Those whose key was destroyed, and that get no other one.
    forgotten: RwLock<HashSet<Owner>>,
}

/// A key and how it is stored.
pub(crate) struct Prepared {
    pub key: SecretKey,
    pub wrapped: Vec<u8>,
}

impl Vault {
    pub fn new(key_service: KeyService) -> Self {
        Self { key_service, prepared: Mutex::default(), keys: RwLock::default(), forgotten: RwLock::default() }
    }

    pub fn knows(&self, owner: &Owner) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).contains_key(owner)
    }

    /// Whether there has to be a key before anything of this owner's is written.
    pub fn lacks(&self, owner: &Owner) -> bool {
        !self.knows(owner) && !self.is_forgotten(owner)
    }

    /// Has a key wrapped for an owner that has none. The writer never waits for a key service: it takes what is here.
    pub async fn prepare(&self, owner: &Owner) -> Result<(), KeyServiceError> {
        let is_ready = || self.prepared.lock().unwrap_or_else(PoisonError::into_inner).contains_key(owner);
        if !self.lacks(owner) || is_ready() {
            return Ok(());
        }
        let key = SecretKey::generate()?;
        let wrapped = self.key_service.wrap(owner.place(), &key).await?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.entry(owner.clone()).or_insert(Prepared { key, wrapped });
        Ok(())
    }

    /// It is not in use before [`Self::learn`].
    pub fn take_prepared(&self, owner: &Owner) -> Option<Prepared> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).remove(owner)
    }

    pub fn learn(&self, owner: Owner, key: SecretKey) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(owner, key);
    }

    /// A key as it is stored.
    pub async fn unwrap(&self, owner: &Owner, wrapped: &[u8]) -> Result<SecretKey, StoreError> {
        Self::opened(&self.key_service, owner, wrapped).await
    }

    /// As [`Self::unwrap`], with any key service.
    pub async fn opened(key_service: &KeyService, owner: &Owner, wrapped: &[u8]) -> Result<SecretKey, StoreError> {
        key_service.unwrap(owner.place(), wrapped).await.map_err(|error| match error {
            KeyServiceError::Mismatch => {
                StoreError::damaged(format!("the key of owner {:?} does not open with the key service", owner.0))
            }
            error => error.into(),
        })
    }

    /// Nothing is opened or sealed with the owner's key any more.
    pub fn forget(&self, owner: Owner) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(&owner);
        self.forgotten.write().unwrap_or_else(PoisonError::into_inner).insert(owner);
    }

    pub fn is_forgotten(&self, owner: &Owner) -> bool {
        self.forgotten.read().unwrap_or_else(PoisonError::into_inner).contains(owner)
    }

    /// The owner's key; `None` when it was destroyed or never made.
    pub fn key(&self, owner: &Owner) -> Option<SecretKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(owner).cloned()
    }

    /// [`Self::key`], and why there is none.
    pub fn own_key(&self, owner: &Owner) -> Result<SecretKey, StoreError> {
        match self.key(owner) {
            Some(key) => Ok(key),
            None if self.is_forgotten(owner) => Err(StoreError::Forgotten),
            None => Err(StoreError::damaged("an owner without a key")),
        }
    }

    pub fn seal(&self, owner: &Owner, place: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self.own_key(owner)?;
        Ok(cobblestone::seal(&key, place.as_bytes(), plain)?)
    }

    pub fn open(&self, owner: &Owner, place: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self.own_key(owner)?;
        cobblestone::open(&key, place.as_bytes(), sealed)
            .map_err(|_| StoreError::damaged(format!("{place} does not open")))
    }

    /// A stable mark of a person, for the index: without the company's key it tells nothing.
    pub fn mark(&self, person: &PersonId) -> Result<Vec<u8>, StoreError> {
        let key = self.key(&Owner(String::new())).ok_or_else(|| StoreError::damaged("the company has no key"))?;
        Ok(marked(&key, &format!("countersign/person-mark/v1\0{person}")))
    }

    /// The same of a reason category. There are five: whoever has the company's key tells them apart.
    pub fn reason_mark(&self, reason: ReasonCategory) -> Result<Vec<u8>, StoreError> {
        let key = self.own_key(&Owner(String::new()))?;
        let word = serde_json::to_string(&reason).map_err(|_| StoreError::damaged("a reason category"))?;
        Ok(marked(&key, &format!("countersign/reason-mark/v1\0{word}")))
    }

    /// The same of a ticket, by the Organization's own key: it tells nothing once that is destroyed.
    pub fn ticket_mark(&self, owner: &Owner, ticket: &str) -> Result<Vec<u8>, StoreError> {
        let ticket = ticket.trim().to_lowercase();
        Ok(marked(&self.own_key(owner)?, &format!("countersign/ticket-mark/v1\0{ticket}")))
    }

    /// The same of a ticket's beginning, shorter: there is one for each of a ticket's letters.
    pub fn beginning_mark(&self, owner: &Owner, beginning: &str) -> Result<Vec<u8>, StoreError> {
        let beginning = beginning.trim().to_lowercase();
        let mut mark = marked(&self.own_key(owner)?, &format!("countersign/ticket-beginning/v1\0{beginning}"));
        mark.truncate(16);
        Ok(mark)
    }

    /// Every Organization that has a key.
    pub fn organizations(&self) -> Vec<Owner> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.keys().filter(|owner| !owner.0.is_empty()).cloned().collect()
    }
}

fn marked(key: &SecretKey, text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), text.as_bytes()).as_ref().to_vec()
}
