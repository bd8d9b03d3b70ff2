use std::collections::BTreeMap;

use domain::{Digest, OrgId, UnixMillis};
use merkle::leaf_hash;
use serde::Deserialize;
use statement::{Enrol, Kind as _, base64url, base64url_decode, sha256};
use wire::audit::Sealed;
use wire::event::{Append, Event, EventKind, Source};

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
    /// Writes one leaf and what belongs to it; the tree grows later in the same transaction.
    pub(super) async fn append(&mut self, event: &NewEvent) -> Result<u64, Stop> {
        let append = &event.append;
        text::check(append).map_err(Stop::Refused)?;
        let index = self.next;
        if let Some(token) = &append.unique {
            self.take(event.source, token, index).await?;
        }
        let at = self.now().await?;
        let owner = Owner::of(append.organization.as_ref());
        let statements = self.keep_statements(append, index).await?;
        let sealed = self.seal_personal(append, &owner, index).await?;
        let leaf = Event {
            v: 1,
            at,
            kind: append.kind,
            source: event.source,
            organization: append.organization.clone(),
            session: append.session.clone(),
            statements,
            facts: append.facts.clone(),
            sealed,
        };
        self.check_holders(event.signer.as_slice()).await?;
        if let (EventKind::SessionResumed, Some(session)) = (append.kind, &append.session) {
            self.check_resumed(session).await?;
        }
        self.insert(index, &leaf).await?;
        match append.kind {
            EventKind::Revoked => self.file_revocation(append, index).await?,
            EventKind::Enrolled => self.file_enrolment(append, index).await?,
            _ => {}
        }
        self.next = index + 1;
        Ok(index)
    }

    async fn insert(&mut self, index: u64, event: &Event) -> Result<(), Stop> {
        let leaf = serde_json::to_vec(event).map_err(|_| Stop::Refused(problem::bad_event("It cannot be written.")))?;
        if leaf.len() > MAX_LEAF {
            return Err(Stop::Refused(problem::bad_event("It is longer than 65,535 bytes.")));
        }
        sqlx::query(
            "INSERT INTO leaves (idx, at, leaf, hash, kind, organization, session) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(sql(index))
        .bind(event.at)
        .bind(&leaf)
        .bind(leaf_hash(&leaf).as_slice())
        .bind(word(event.kind))
        .bind(event.organization.as_ref().map(ToString::to_string))
        .bind(event.session.as_ref().map(ToString::to_string))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Wall time that never goes back: a small step back makes it stand still, a large one stops the writing.
    async fn now(&mut self) -> Result<UnixMillis, Stop> {
        let last: Option<(i64,)> = sqlx::query_as("SELECT at FROM leaves ORDER BY idx DESC LIMIT 1")
            .fetch_optional(&mut self.connection)
            .await?;
        let last = last.map_or(0, |(at,)| at);
        let now = self.clock.now_millis();
        if now < last.saturating_sub(STEP_BACK_MILLIS) {
            tracing::error!(now, last, "the clock is behind the log");
            return Err(Stop::Refused(problem::clock_behind()));
        }
        Ok(now.max(last))
    }

    /// Each service has texts of its own: what one used up is free to the others.
    async fn take(&mut self, source: Source, token: &str, index: u64) -> Result<(), Stop> {
        let own = match source {
            Source::Broker => "broker",
            Source::Gateway => "gateway",
            Source::Audit => "audit",
        };
        let inserted = sqlx::query("INSERT INTO taken (token, idx) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(format!("{own}/{token}"))
            .bind(sql(index))
            .execute(&mut self.connection)
            .await?
            .rows_affected();
        if inserted == 1 { Ok(()) } else { Err(Stop::Refused(problem::already_taken())) }
    }

    /// The leaf names their digests; the texts are kept once.
    async fn keep_statements(&mut self, append: &Append, index: u64) -> Result<Vec<Digest>, Stop> {
        let mut digests = Vec::with_capacity(append.statements.len());
        for compact in &append.statements {
            let digest = sha256(compact);
            self.keep_statement_of(compact, &digest, append.organization.as_ref()).await?;
            sqlx::query("INSERT INTO leaf_statements (digest, idx) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .bind(digest.as_str())
                .bind(sql(index))
                .execute(&mut self.connection)
                .await?;
            digests.push(digest);
        }
        Ok(digests)
    }

    /// A text of the company's own.
    pub(super) async fn keep_statement(&mut self, compact: &str, digest: &Digest) -> Result<(), Stop> {
        self.keep_statement_of(compact, digest, None).await
    }

    /// Who is enrolled must be known whichever Organization is forgotten: PK tokens and enrolments are the company's.
    async fn keep_statement_of(
        &mut self,
        compact: &str,
        digest: &Digest,
        organization: Option<&OrgId>,
    ) -> Result<(), Stop> {
        let kind = kind_of(compact);
        let owner = Owner::of(organization.filter(|_| kind != PK_TOKEN && kind != Enrol::TYP));
        let sealed = self.vault.seal(&owner, &statement_place(digest.as_str()), compact.as_bytes())?;
        sqlx::query("INSERT INTO statements (digest, typ, owner, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(digest.as_str())
            .bind(kind)
            .bind(&owner.0)
            .bind(sealed)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn seal_personal(
        &mut self,
        append: &Append,
        owner: &Owner,
        index: u64,
    ) -> Result<BTreeMap<String, Digest>, Stop> {
        let mut sealed = BTreeMap::new();
        for (name, value) in &append.personal {
            let mut salt = [0; 32];
            aws_lc_rs::rand::fill(&mut salt).map_err(|_| StoreError::damaged("the system has no randomness"))?;
            let plain = [salt.as_slice(), value.as_bytes()].concat();
            sqlx::query("INSERT INTO personal (idx, name, owner, sealed) VALUES (?, ?, ?, ?)")
                .bind(sql(index))
                .bind(name)
                .bind(&owner.0)
                .bind(self.vault.seal(owner, &personal_place(index, name), &plain)?)
                .execute(&mut self.connection)
                .await?;
            let salt = base64url(salt).parse().map_err(|_| StoreError::damaged("a salt"))?;
            sealed.insert(name.clone(), field_digest(&Sealed { salt, value: value.clone() })?);
        }
        Ok(sealed)
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
