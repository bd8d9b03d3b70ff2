use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::hmac;
use domain::{OrgId, PersonId, ReasonCategory};
use recording::{SealError, SecretKey, cobblestone};

use crate::error::StoreError;

/// Whose key something is sealed under: an Organization's, or the company's (empty).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Owner(pub String);

impl Owner {
    pub fn of(organization: Option<&OrgId>) -> Self {
        Self(organization.map(ToString::to_string).unwrap_or_default())
    }

    fn context(&self) -> Vec<u8> {
        [b"countersign/owner-key/v1\0", self.0.as_bytes()].concat()
    }
}

/// The owners' keys, opened. Filled by the writer only, and only with keys that are committed.
pub(crate) struct Vault {
    outer: SecretKey,
    keys: RwLock<HashMap<Owner, SecretKey>>,
    /// Those whose key was destroyed, and that get no other one.
    forgotten: RwLock<HashSet<Owner>>,
}

impl Vault {
    pub fn new(outer: SecretKey) -> Self {
        Self { outer, keys: RwLock::default(), forgotten: RwLock::default() }
    }

    pub fn knows(&self, owner: &Owner) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).contains_key(owner)
    }

    /// A fresh key, wrapped for the database; it is not in use before [`Self::learn`].
    pub fn make(&self, owner: &Owner) -> Result<Vec<u8>, SealError> {
        self.outer.wrap(&owner.context(), &SecretKey::generate()?)
    }

    pub fn learn(&self, owner: Owner, wrapped: &[u8]) -> Result<(), StoreError> {
        let key = self.outer.unwrap(&owner.context(), wrapped).map_err(|_| {
            StoreError::damaged(format!("the key of owner {:?} does not open with the key file", owner.0))
        })?;
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(owner, key);
        Ok(())
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

    /// Every Organization that has a key.
    pub fn organizations(&self) -> Vec<Owner> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.keys().filter(|owner| !owner.0.is_empty()).cloned().collect()
    }
}

fn marked(key: &SecretKey, text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), text.as_bytes()).as_ref().to_vec()
}
