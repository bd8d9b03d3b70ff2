use std::collections::BTreeMap;

use domain::{Digest, UnixMillis};
use merkle::leaf_hash;
use serde::Deserialize;
use statement::{Enrol, Kind as _, base64url, base64url_decode, sha256};
use wire::audit::Sealed;
use wire::event::{Append, Event, EventKind, Source};

use super::waiting::{self, Entry, Personal, Statement};
use super::{NewEvent, NewKeys, STEP_BACK_MILLIS, Sequencer, Stop, text};
use crate::error::StoreError;
use crate::problem;
use crate::sequencer::Done;
use crate::store::{field_digest, keys_place, personal_place, sql, statement_place, word};
use crate::vault::Owner;

/// How PK tokens are filed among the statements.
pub(crate) const PK_TOKEN: &str = "pk-token";
/// A leaf has a 16-bit length in an entry bundle.
const MAX_LEAF: usize = 65_535;

impl Sequencer {
    /// Writes one leaf and what belongs to it; the tree grows later in the same transaction. Whatever may refuse it is asked
    /// first: a refused one leaves nothing behind.
    pub(super) async fn append(&mut self, event: &NewEvent) -> Result<u64, Stop> {
        let entry = self.check(event).await?;
        Ok(self.keep(event, entry).await?)
    }

    async fn check(&mut self, event: &NewEvent) -> Result<Entry, Stop> {
        let append = &event.append;
        text::check(append).map_err(Stop::Refused)?;
        let index = self.next;
        if let Some(token) = &append.unique {
            self.check_free(&own_token(event.source, token)).await?;
        }
        let at = self.now()?;
        if let (true, Some(organization)) = (begins(append.kind), &append.organization) {
            self.check_remembered(organization)?;
        }
        let owner = self.owner_of_append(append);
        let statements = self.seal_statements(append, &owner)?;
        let (personal, sealed) = self.seal_personal(append, &owner, index)?;
        let leaf = Event {
            v: 1,
            at,
            kind: append.kind,
            source: event.source,
            organization: append.organization.clone(),
            session: append.session.clone(),
            statements: statements.iter().map(|s| s.digest.clone()).collect(),
            facts: append.facts.clone(),
            sealed,
        };
        self.check_holders(event.signer.as_slice()).await?;
        if let (EventKind::SessionResumed, Some(session)) = (append.kind, &append.session) {
            self.check_resumed(session).await?;
        }
        let bytes =
            serde_json::to_vec(&leaf).map_err(|_| Stop::Refused(problem::bad_event("It cannot be written.")))?;
        if bytes.len() > MAX_LEAF {
            return Err(Stop::Refused(problem::bad_event("It is longer than 65,535 bytes.")));
        }
        Ok(Entry {
            index,
            at,
            hash: leaf_hash(&bytes),
            leaf: bytes,
            kind: word(leaf.kind),
            organization: leaf.organization.map(|id| id.to_string()),
            session: leaf.session.map(|id| id.to_string()),
            statements,
            personal,
        })
    }

    /// Refuses nothing any more: it happens or it fails. What later commands of the group may ask is written at once.
    async fn keep(&mut self, event: &NewEvent, entry: Entry) -> Result<u64, StoreError> {
        let (append, index) = (&event.append, entry.index);
        if let Some(token) = &append.unique {
            sqlx::query("INSERT INTO taken (token, idx) VALUES (?, ?)")
                .bind(own_token(event.source, token))
                .bind(sql(index))
                .execute(&mut self.connection)
                .await?;
        }
        match append.kind {
            EventKind::Revoked => self.file_revocation(append, index).await?,
            EventKind::Enrolled => self.file_enrolment(append, index).await?,
            _ => {}
        }
        self.next = index + 1;
        self.last_at = entry.at;
        self.waiting.push(entry);
        Ok(index)
    }

    /// Wall time that never goes back: a small step back makes it stand still, a large one stops the writing.
    fn now(&self) -> Result<UnixMillis, Stop> {
        let (now, last) = (self.clock.now_millis(), self.last_at);
        if now < last.saturating_sub(STEP_BACK_MILLIS) {
            tracing::error!(now, last, "the clock is behind the log");
            return Err(Stop::Refused(problem::clock_behind()));
        }
        Ok(now.max(last))
    }

    async fn check_free(&mut self, token: &str) -> Result<(), Stop> {
        let (taken,): (bool,) = sqlx::query_as("SELECT EXISTS (SELECT 1 FROM taken WHERE token = ?)")
            .bind(token)
            .fetch_one(&mut self.connection)
            .await?;
        if taken { Err(Stop::Refused(problem::already_taken())) } else { Ok(()) }
    }

    /// The leaf names their digests; the texts are kept once.
    fn seal_statements(&self, append: &Append, owner: &Owner) -> Result<Vec<Statement>, StoreError> {
        append.statements.iter().map(|compact| self.seal_statement(compact, owner)).collect()
    }

    /// Who had an Organization forgotten, and why, is known when nothing else of it is.
    fn owner_of_append(&self, append: &Append) -> Owner {
        let organization = append.organization.as_ref();
        self.owner_of(organization.filter(|_| append.kind != EventKind::OrganizationForgotten))
    }

    /// A text of the company's own.
    pub(super) async fn keep_statement(&mut self, compact: &str) -> Result<(), StoreError> {
        let statement = self.seal_statement(compact, &Owner::of(None))?;
        waiting::keep(&mut self.connection, &[&statement]).await
    }

    /// Who is enrolled must be known whichever Organization is forgotten: PK tokens and enrolments are the company's.
    fn seal_statement(&self, compact: &str, owner: &Owner) -> Result<Statement, StoreError> {
        let (digest, kind) = (sha256(compact), kind_of(compact));
        let owner = if kind == PK_TOKEN || kind == Enrol::TYP { Owner::of(None) } else { owner.clone() };
        let sealed = self.vault.seal(&owner, &statement_place(digest.as_str()), compact.as_bytes())?;
        Ok(Statement { digest, kind, owner: owner.0, sealed })
    }

    /// The fields as they are kept, and their digests as the leaf says them.
    fn seal_personal(
        &self,
        append: &Append,
        owner: &Owner,
        index: u64,
    ) -> Result<(Vec<Personal>, BTreeMap<String, Digest>), StoreError> {
        let (mut kept, mut said) = (Vec::with_capacity(append.personal.len()), BTreeMap::new());
        for (name, value) in &append.personal {
            let mut salt = [0; 32];
            aws_lc_rs::rand::fill(&mut salt).map_err(|_| StoreError::damaged("the system has no randomness"))?;
            let plain = [salt.as_slice(), value.as_bytes()].concat();
            let sealed = self.vault.seal(owner, &personal_place(index, name), &plain)?;
            kept.push(Personal { name: name.clone(), owner: owner.0.clone(), sealed });
            let salt = base64url(salt).parse().map_err(|_| StoreError::damaged("a salt"))?;
            said.insert(name.clone(), field_digest(&Sealed { salt, value: value.clone() })?);
        }
        Ok((kept, said))
    }

    /// The set and the entry about it, together or not at all.
    pub(super) async fn see_provider_keys(&mut self, new: &NewKeys) -> Result<Done, Stop> {
        self.keep_provider_keys(&new.jwks).await?;
        self.append(&NewEvent::own(new.event.clone())).await.map(Done::Leaf)
    }

    /// Sealed under the company's key: nobody adds one by hand.
    pub(super) async fn keep_provider_keys(&mut self, jwks: &[u8]) -> Result<Done, Stop> {
        let digest = sha256(jwks);
        let sealed = self.vault.seal(&Owner::of(None), &keys_place(digest.as_str()), jwks)?;
        sqlx::query("INSERT INTO provider_keys (digest, jwks) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(digest.as_str())
            .bind(sealed)
            .execute(&mut self.connection)
            .await?;
        Ok(Done::Kept)
    }
}

/// What leads to an opening or is one.
fn begins(kind: EventKind) -> bool {
    use EventKind as K;
    matches!(kind, K::RequestSigned | K::Approved | K::SessionOpened | K::SessionExtended | K::SessionResumed)
}

/// Each service has texts of its own: what one used up is free to the others.
fn own_token(source: Source, token: &str) -> String {
    let own = match source {
        Source::Broker => "broker",
        Source::Gateway => "gateway",
        Source::Audit => "audit",
    };
    format!("{own}/{token}")
}

/// The `typ` that a statement's header says, `pk-token` for the five parts of a PK token. Only an index: nothing is
/// believed for it.
fn kind_of(compact: &str) -> String {
    #[derive(Deserialize)]
    struct Header {
        typ: String,
    }
    let parts: Vec<&str> = compact.split('.').collect();
    match parts[..] {
        [_, _, _, _, _] => PK_TOKEN.to_owned(),
        [header, _, _] => base64url_decode(header)
            .ok()
            .and_then(|json| serde_json::from_slice::<Header>(&json).ok())
            .map(|h| h.typ)
            .unwrap_or_default(),
        _ => String::new(),
    }
}

impl NewEvent {
    /// An Event of the audit service itself.
    pub fn own(append: Append) -> Self {
        Self { source: Source::Audit, append, signer: None }
    }
}
