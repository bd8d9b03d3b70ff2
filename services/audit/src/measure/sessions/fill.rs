//! Many Sessions at once. The rows are those that the service writes, in the same tables, through the same triggers and marks and
//! under the same keys; what is left out is the log's tree, Recordings, and the signatures in a bundle.

use domain::{Digest, OrgId, Organization, PersonId, ReasonCategory, Scope, SessionId};
use sqlx::{Connection as _, QueryBuilder, Sqlite};
use statement::{DeviceKey, Payload, Review, ReviewVerdict, sha256, sign};

use super::SessionList;
use crate::error::{Error, StoreError};
use crate::store::{
    Detail, count, detail_place, findings_place, keep_marks, recording_place, scope_word, sql, statement_place,
};
use crate::vault::{Owner, Prepared};

const ORGANIZATIONS: u64 = 2_000;
const PEOPLE: u64 = 500;
/// Sessions in one transaction, and in one statement.
const AT_ONCE: u64 = 20_000;
const ROWS: u64 = 250;
/// The newest Sessions hold a bundle as large as one is; the others a short one, for the disk's sake.
const WHOLE: u64 = 2_000;
const BUNDLE: usize = 9_000;
const SHORT_BUNDLE: usize = 200;
/// 730 days, one after the other.
const FIRST_AT: i64 = 1_700_000_000;
const SECONDS: i64 = 63_072_000;

/// What the number of a Session says of it.
struct Made {
    number: u64,
    all: u64,
}

impl Made {
    /// Another number below `n` for each purpose, the same each time.
    fn below(&self, n: u64, purpose: u64) -> u64 {
        let mixed = (self.number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(purpose << 32);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 32)) % n
    }

    fn id(&self) -> SessionId {
        sha256(self.number.to_string()).into()
    }

    fn index(&self) -> i64 {
        sql(self.number)
    }

    fn at(&self) -> i64 {
        FIRST_AT + sql(self.number * count(SECONDS) / self.all)
    }

    /// A few run; most are short.
    fn length(&self) -> Option<i64> {
        let short = sql(60 + self.below(1_500, 1));
        match self.below(100, 2) {
            0 => Some(sql(7_200 + self.below(10_000, 3))),
            1..10 => Some(short * 3),
            _ if self.number + 40 > self.all => None,
            _ => Some(short),
        }
    }

    fn organization(&self) -> String {
        // A tenth of all is of one of them.
        let number = if self.below(10, 4) == 0 { 0 } else { self.below(ORGANIZATIONS, 5) };
        format!("org-{number}")
    }

    fn scope(&self) -> Scope {
        match self.below(100, 6) {
            0..20 => Scope::Diagnostics,
            20..75 => Scope::Read,
            75..98 => Scope::ReadWrite,
            _ => Scope::Administer,
        }
    }

    fn changed(&self) -> bool {
        self.scope() >= Scope::ReadWrite && self.below(3, 7) > 0
    }

    /// Of those that the rules pointed at: stop, look, note.
    fn weighed(&self) -> [i64; 3] {
        [i64::from(self.below(500, 8) == 0), i64::from(self.below(20, 9) == 0), i64::from(self.below(5, 10) == 0)]
    }

    fn reviewed(&self) -> Option<&'static str> {
        match self.below(1_000, 11) {
            0..5 => Some("flagged"),
            5..600 => Some("nothing-to-report"),
            _ => None,
        }
    }

    fn detail(&self) -> Result<Detail, Error> {
        let wrong = |_| Error::Misconfigured("an id".into());
        let id: OrgId = self.organization().parse().map_err(wrong)?;
        let person = self.below(PEOPLE, 12);
        let bundle = if self.number + WHOLE > self.all { BUNDLE } else { SHORT_BUNDLE };
        let reasons = [0, 0, 0, 1, 3, 3, 3, 4];
        let reason = usize::try_from(self.below(8, 13)).ok().and_then(|at| ReasonCategory::ALL.get(reasons[at]));
        Ok(Detail {
            organization: Organization { name: format!("Organization {id}"), id },
            person: PersonId(format!("p-{person}")),
            name: format!("Name of {person}"),
            approvers: vec![PersonId("p-approver".into())],
            approver_names: vec!["Tomasz Wieczorek".into()],
            reason: *reason.unwrap_or(&ReasonCategory::Maintenance),
            ticket: format!("KP-{}", self.number / 3),
            bundle_json: "x".repeat(bundle),
            tls_client: self.digest("tls"),
            provider_keys: self.digest("keys"),
            policy: sha256("policy"),
        })
    }

    fn digest(&self, of: &str) -> Digest {
        sha256(format!("{of} {}", self.number))
    }
}

impl SessionList {
    /// Fills an empty store.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn fill(&mut self, all: u64) -> Result<(), Error> {
        let run = |text| sqlx::query(sqlx::AssertSqlSafe::<&str>(text));
        for text in ["PRAGMA synchronous=OFF", "PRAGMA cache_size=-1000000", "PRAGMA secure_delete=OFF"] {
            run(text).execute(&mut self.connection).await.map_err(StoreError::from)?;
        }
        self.keys().await?;
        let review = self.review().await?;
        let mut from = 0;
        while from < all {
            let to = all.min(from + AT_ONCE);
            sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await.map_err(StoreError::from)?;
            for first in (from..to).step_by(usize::try_from(ROWS).unwrap_or(1)) {
                let made: Vec<Made> = (first..to.min(first + ROWS)).map(|number| Made { number, all }).collect();
                self.write(&made, &review).await?;
            }
            sqlx::query("COMMIT").execute(&mut self.connection).await.map_err(StoreError::from)?;
            from = to;
        }
        run("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await.map_err(StoreError::from)?;
        self.connection.ping().await.map_err(|e| StoreError::from(e).into())
    }

    async fn keys(&mut self) -> Result<(), Error> {
        for number in 0..ORGANIZATIONS {
            let owner = Owner(format!("org-{number}"));
            self.vault.prepare(&owner).await.map_err(StoreError::from)?;
            let Some(Prepared { key, wrapped }) = self.vault.take_prepared(&owner) else { continue };
            sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES (?, ?)")
                .bind(&owner.0)
                .bind(&wrapped)
                .execute(&mut self.connection)
                .await
                .map_err(StoreError::from)?;
            self.vault.learn(owner, key);
        }
        Ok(())
    }

    /// One signed review, which stands for all.
    async fn review(&mut self) -> Result<Digest, Error> {
        let wrong = |_| Error::Misconfigured("a review".into());
        let (key, _) = DeviceKey::generate().map_err(|_| Error::Misconfigured("a key".into()))?;
        let body = Review {
            manifest: sha256("manifest"),
            note: "Looked at all of it.".into(),
            session: sha256("session").into(),
            verdict: ReviewVerdict::NothingToReport,
        };
        let (aud, jti) = ("gateway.test".into(), "x".repeat(22));
        let payload = Payload { aud, body, exp: FIRST_AT + 300, iat: FIRST_AT, jti, seen: String::new() };
        let compact = sign(&key, &sha256("token"), &payload).map_err(|_| wrong(()))?;
        let (digest, owner) = (sha256(&compact), Owner(String::new()));
        sqlx::query("INSERT INTO statements (digest, typ, owner, sealed) VALUES (?, 'review', '', ?)")
            .bind(digest.as_str())
            .bind(self.vault.seal(&owner, &statement_place(digest.as_str()), compact.as_bytes())?)
            .execute(&mut self.connection)
            .await
            .map_err(StoreError::from)?;
        Ok(digest)
    }

    async fn write(&mut self, made: &[Made], review: &Digest) -> Result<(), Error> {
        let details: Vec<Detail> = made.iter().map(Made::detail).collect::<Result<_, _>>()?;
        let mut sealed = Vec::with_capacity(made.len());
        for (one, detail) in made.iter().zip(&details) {
            let owner = Owner::of(Some(&detail.organization.id));
            let plain = serde_json::to_vec(detail).map_err(|_| StoreError::damaged("a detail"))?;
            let key = self.vault.own_key(&owner)?;
            let wrapped = key.wrap(recording_place(&one.id()).as_bytes(), &key).map_err(StoreError::Seal)?;
            sealed.push((one, detail, self.vault.seal(&owner, &detail_place(&one.id()), &plain)?, wrapped));
        }
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO leaves (idx, at, leaf, hash, kind) ");
        rows.push_values(made, |mut row, one| {
            row.push_bind(one.index()).push_bind(one.at() * 1000).push("x'00'").push("zeroblob(32)").push("'filled'");
        });
        self.run(rows).await?;
        let mut rows = QueryBuilder::<Sqlite>::new(
            "INSERT INTO sessions (session, opened_idx, request, device, organization, person_mark, scope, opened_at, \
             ends_at, detail) ",
        );
        let marks = details.iter().map(|d| self.vault.mark(&d.person)).collect::<Result<Vec<_>, _>>()?;
        rows.push_values(sealed.iter().zip(marks), |mut row, ((one, detail, sealed, _), mark)| {
            row.push_bind(one.id().to_string()).push_bind(one.index()).push_bind(one.digest("request").to_string());
            row.push_bind(one.digest("device").to_string()).push_bind(detail.organization.id.to_string());
            row.push_bind(mark).push_bind(scope_word(one.scope())).push_bind(one.at()).push_bind(one.at() + 14_400);
            row.push_bind(sealed.clone());
        });
        self.run(rows).await?;
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO recording_keys (opened_idx, wrapped) ");
        rows.push_values(&sealed, |mut row, (one, _, _, wrapped)| {
            row.push_bind(one.index()).push_bind(wrapped.clone());
        });
        self.run(rows).await?;
        for (one, detail) in made.iter().zip(&details) {
            keep_marks(&mut self.connection, &self.vault, one.index(), detail).await?;
        }
        self.follow(made, &details, review).await
    }

    /// What came after the opening.
    async fn follow(&mut self, made: &[Made], details: &[Detail], review: &Digest) -> Result<(), Error> {
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO progress (session, exchanges, activity) ");
        rows.push_values(made, |mut row, one| {
            row.push_bind(one.id().to_string()).push_bind(sql(1 + one.below(300, 14))).push("'vvivvcvv'");
        });
        self.run(rows).await?;
        let mut changed = QueryBuilder::<Sqlite>::new("UPDATE progress SET writes = 3 WHERE session IN (''");
        made.iter().filter(|one| one.changed()).for_each(|one| {
            changed.push(", ").push_bind(one.id().to_string());
        });
        changed.push(")");
        self.run(changed).await?;
        let ended: Vec<(&Made, i64, &Detail)> =
            made.iter().zip(details).filter_map(|(one, detail)| Some((one, one.length()?, detail))).collect();
        if ended.is_empty() {
            return Ok(());
        }
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO seals (session, idx, ended_at, reason, manifest) ");
        rows.push_values(&ended, |mut row, (one, length, _)| {
            row.push_bind(one.id().to_string()).push_bind(one.index()).push_bind(one.at() + length);
            row.push("'person'").push("'{}'");
        });
        self.run(rows).await?;
        let findings = ended.iter().map(|(one, _, detail)| {
            self.vault.seal(&Owner::of(Some(&detail.organization.id)), &findings_place(&one.id()), b"[]")
        });
        let findings = findings.collect::<Result<Vec<_>, _>>()?;
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO examined (session, idx, stop, look, note, findings) ");
        rows.push_values(ended.iter().zip(findings), |mut row, ((one, _, _), findings)| {
            row.push_bind(one.id().to_string()).push_bind(one.index());
            one.weighed().into_iter().for_each(|weight| {
                row.push_bind(weight);
            });
            row.push_bind(findings);
        });
        self.run(rows).await?;
        let reviewed: Vec<(&Made, &'static str)> =
            ended.iter().filter_map(|(one, ..)| Some((*one, one.reviewed()?))).collect();
        if reviewed.is_empty() {
            return Ok(());
        }
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO reviews (idx, session, digest, token, verdict, at) ");
        rows.push_values(&reviewed, |mut row, (one, verdict)| {
            row.push_bind(one.index()).push_bind(one.id().to_string()).push_bind(review.to_string());
            row.push_bind(review.to_string()).push_bind(*verdict).push_bind(one.at() + 90_000);
        });
        self.run(rows).await
    }

    async fn run(&mut self, mut rows: QueryBuilder<Sqlite>) -> Result<(), Error> {
        rows.build().execute(&mut self.connection).await.map_err(StoreError::from)?;
        Ok(())
    }
}
