use std::net::IpAddr;

use domain::{Digest, Organization, PersonId, ReasonCategory, Scope, SessionId, UnixSeconds, misleads};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Refusal, sha256};

/// What a kind of statement is called in its header, how long it may live, and which texts it may hold.
pub trait Kind: Serialize + DeserializeOwned {
    /// The JOSE `typ`.
    const TYP: &'static str;
    /// The longest `exp - iat`, in seconds.
    const MAX_LIFE_SECONDS: i64;

    /// What can be wrong with the body by itself.
    ///
    /// # Errors
    /// [`Refusal::BadText`] for a text that is too short, too long, or holds characters that can mislead a reader.
    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }
}

macro_rules! kind {
    ($name:ident, $typ:literal, $life:expr) => {
        impl Kind for $name {
            const TYP: &'static str = $typ;
            const MAX_LIFE_SECONDS: i64 = $life;
        }
    };
    ($name:ident, $typ:literal, $life:expr, $check:expr) => {
        impl Kind for $name {
            const TYP: &'static str = $typ;
            const MAX_LIFE_SECONDS: i64 = $life;
            fn check(&self) -> Result<(), Refusal> {
                let check: fn(&Self) -> Result<(), Refusal> = $check;
                check(self)
            }
        }
    };
}

const HOUR: i64 = 3600;

/// An Access Request. One that names what it extends opens nothing: it asks for more time in the Session that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The break-glass permission that it is opened with, by its digest ([`BreakGlass::id`]); nobody countersigns it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<Digest>,
    /// The whole Session, from its first start on, also when it is to be extended.
    pub duration_seconds: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<Extends>,
    pub justification: String,
    pub organization: Organization,
    /// Digest of the policy that the requester was shown.
    pub policy: Digest,
    pub reason: ReasonCategory,
    pub scope: Scope,
    pub ticket: String,
}
kind!(Request, "countersign.request+jws", 4 * HOUR, |r| {
    one_line("ticket", &r.ticket, 1, 64)?;
    one_line("organization name", &r.organization.name, 1, 120)?;
    text("justification", &r.justification, 20, 1000)
});

/// The Session that is to be extended, as its requester sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Extends {
    /// When it ends without this. What is asked for beyond it is what an approver reads as "more".
    pub ends_at: UnixSeconds,
    pub opened_at: UnixSeconds,
    /// SHA-256 of the request JWS that opened it.
    pub request: Digest,
    pub session: SessionId,
}

/// What an approver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Approve,
    Deny,
}

/// What is granted; never wider than what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub duration_seconds: i64,
    pub scope: Scope,
}

/// An Approval or a Denial of one exact Access Request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub comment: String,
    /// Digest of the policy that the approver was shown.
    pub policy: Digest,
    /// SHA-256 of the exact request JWS.
    pub request: Digest,
    pub terms: Terms,
    pub verdict: Verdict,
}
kind!(Decision, "countersign.decision+jws", 4 * HOUR, |d| text("comment", &d.comment, 0, 1000));

/// The requester opens the Session of a Grant from one TLS client key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionOpen {
    /// SHA-256 of each decision JWS that makes the Grant; by break-glass, of each administrator's statement.
    pub decisions: Vec<Digest>,
    /// SHA-256 of the exact request JWS.
    pub request: Digest,
    /// SHA-256 of the DER of the TLS client certificate made for this Session.
    pub tls_client: Digest,
}
kind!(SessionOpen, "countersign.session-open+jws", 60);

/// The requester takes an undecided or unopened request back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    pub request: Digest,
}
kind!(Withdraw, "countersign.withdraw+jws", 300);

/// An enrolled administrator says that a Device belongs to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// RFC 7638 thumbprint of the Device key.
    pub device: Digest,
    pub person: PersonId,
}
kind!(Enrol, "countersign.enrol+jws", HOUR, |e| folded(&e.person));

/// What a [`Revoke`] ends. Nothing that a revoked Device or person signed opens any more, and what is open closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Revoked {
    /// One Grant, by the SHA-256 of the exact request JWS.
    Grant(Digest),
    /// One Device key, for good.
    Device(Digest),
    /// Every Device that is enrolled for this person by then; one that is enrolled later counts again.
    Person(PersonId),
    /// The Grants of exactly these Sessions, which ends them; in ascending order, each once.
    Sessions(Vec<SessionId>),
}

/// Sessions that one statement ends.
pub const MAX_SESSIONS: usize = 100;

/// Somebody takes access away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    pub reason: String,
    pub revokes: Revoked,
}
kind!(Revoke, "countersign.revoke+jws", 300, |r| {
    if let Revoked::Person(person) = &r.revokes {
        folded(person)?;
    }
    if let Revoked::Sessions(sessions) = &r.revokes {
        let each_once = sessions.windows(2).all(|pair| matches!(pair, [a, b] if a.as_str() < b.as_str()));
        if !(1..=MAX_SESSIONS).contains(&sessions.len()) || !each_once {
            return Err(Refusal::BadText("sessions"));
        }
    }
    text("reason", &r.reason, 10, 1000)
});

/// One of the two administrators who put a policy in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// Why; whoever verifies a Session under the policy reads it.
    pub comment: String,
    /// SHA-256 of the policy's exact text.
    pub policy: Digest,
    /// Digest of the policy that it replaces.
    pub previous: Digest,
}
kind!(Adopt, "countersign.adopt+jws", 24 * HOUR, |a| text("comment", &a.comment, 10, 1000));

/// One of the two administrators who sign in advance who may open what in an emergency. Both sign the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    /// The longest Session.
    pub duration_seconds: i64,
    pub from: UnixSeconds,
    /// By id, each once.
    pub organizations: Vec<Organization>,
    /// Who may use it, sorted, each once.
    pub persons: Vec<PersonId>,
    /// Why it is there; whoever verifies its use reads it.
    pub reason: String,
    /// The widest.
    pub scope: Scope,
    /// The first second at which it opens nothing any more.
    pub until: UnixSeconds,
    /// How many Sessions it opens.
    pub uses: u32,
}
kind!(BreakGlass, "countersign.break-glass+jws", 24 * HOUR, |b| {
    let each_once =
        b.persons.is_sorted_by(|one, next| one < next) && b.organizations.is_sorted_by(|one, next| one.id < next.id);
    let bounded = (1..=20).contains(&b.persons.len())
        && (1..=50).contains(&b.organizations.len())
        && (1..=10).contains(&b.uses)
        && b.duration_seconds >= 1
        && b.from < b.until;
    if !each_once || !bounded {
        return Err(Refusal::Malformed("break-glass"));
    }
    b.persons.iter().try_for_each(folded)?;
    b.organizations.iter().try_for_each(|o| one_line("organization name", &o.name, 1, 120))?;
    text("reason", &b.reason, 10, 1000)
});

impl BreakGlass {
    /// What a request names it by: SHA-256 of its JSON as a statement's body. Whoever signs the same signs for the same
    /// permission, so that no second signature makes it another one.
    #[must_use]
    pub fn id(&self) -> Digest {
        sha256(serde_json::to_vec(self).unwrap_or_else(|_| unreachable!("plain structs serialize")))
    }
}

/// An enrolled administrator says that a person lost their second factor: it is void, and they may set up another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetFactor {
    pub person: PersonId,
    pub reason: String,
}
kind!(ResetFactor, "countersign.reset-factor+jws", 300, |r| {
    folded(&r.person)?;
    text("reason", &r.reason, 10, 1000)
});

/// One of the two administrators who have an Organization forgotten: its key is destroyed, and with it every Recording of it
/// and whatever else is sealed under it. Both sign the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// Why; whoever asks for what is gone reads it.
    pub justification: String,
    pub organization: Organization,
}
kind!(Forget, "countersign.forget+jws", 24 * HOUR, |f| {
    one_line("organization name", &f.organization.name, 1, 120)?;
    text("justification", &f.justification, 20, 1000)
});

impl Forget {
    /// What a proposal is named by: SHA-256 of its JSON as a statement's body.
    #[must_use]
    pub fn id(&self) -> Digest {
        sha256(serde_json::to_vec(self).unwrap_or_else(|_| unreachable!("plain structs serialize")))
    }
}

/// Marks that one statement has opened.
pub const MAX_MARKS: usize = 100;

/// One of the two people who have it shown what marks of one Recording stand for. Both sign the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// Why.
    pub justification: String,
    /// The 16 hexadecimal digits that each of them shows; in ascending order, each once.
    pub marks: Vec<String>,
    pub organization: Organization,
    /// Thumbprint of the Device that is given the values: the first signer's.
    pub reader: Digest,
    pub session: SessionId,
}
kind!(Reveal, "countersign.reveal+jws", 24 * HOUR, |r| {
    let digits = |mark: &String| mark.len() == 16 && mark.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let each_once = r.marks.is_sorted_by(|one, next| one < next);
    if !(1..=MAX_MARKS).contains(&r.marks.len()) || !each_once || !r.marks.iter().all(digits) {
        return Err(Refusal::Malformed("reveal"));
    }
    one_line("organization name", &r.organization.name, 1, 120)?;
    text("justification", &r.justification, 20, 1000)
});

/// What a reviewer concludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReviewVerdict {
    NothingToReport,
    Flagged,
}

/// A reviewer's statement about one Session and its sealed Recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Digest of the Recording's manifest.
    pub manifest: Digest,
    pub note: String,
    pub session: SessionId,
    pub verdict: ReviewVerdict,
}
kind!(Review, "countersign.review+jws", 300, |r| text("note", &r.note, 0, 2000));

/// A Device says which key it cosigns the log's heads with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WitnessKey {
    /// `name+hash+key` of an Ed25519 cosignature key (C2SP `tlog-cosignature`), named as [`crate::device_witness`] says.
    pub key: String,
}
kind!(WitnessKey, "countersign.witness-key+jws", 8 * HOUR, |w| one_line("key", &w.key, 1, 400));

/// What a second factor was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MfaPurpose {
    /// A sign-in: good for asking (8 h) and opening (15 min).
    SignIn,
    /// One statement, named by its digest.
    Statement,
}

/// The broker attests that the holder of a PK token passed a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mfa {
    /// `totp`.
    pub method: String,
    pub purpose: MfaPurpose,
    /// SHA-256 of the statement's JWS, when the purpose is a statement.
    pub statement: Option<Digest>,
    /// Digest of the PK token.
    pub subject: Digest,
    /// Where the code came from, as the broker saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}
kind!(Mfa, "countersign.mfa+jws", 8 * HOUR);

/// The broker lets a Session live a little longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lease {
    pub request: Digest,
    pub session: SessionId,
}
kind!(Lease, "countersign.lease+jws", 15);

/// As `PkToken` folds the claim: another spelling would mean nobody.
fn folded(person: &PersonId) -> Result<(), Refusal> {
    let folded = person.0.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase());
    if folded { one_line("person", &person.0, 1, 128) } else { Err(Refusal::BadText("person")) }
}

fn one_line(what: &'static str, value: &str, min: usize, max: usize) -> Result<(), Refusal> {
    if value.contains('\n') || value.trim() != value {
        return Err(Refusal::BadText(what));
    }
    text(what, value, min, max)
}

/// Bounded length in characters, not counting blanks around it; none that mislead a reader but the line feed.
fn text(what: &'static str, value: &str, min: usize, max: usize) -> Result<(), Refusal> {
    let short = value.trim().chars().count() < min;
    let long = value.chars().count() > max;
    if short || long || value.chars().any(|c| misleads(c) && c != '\n') {
        return Err(Refusal::BadText(what));
    }
    Ok(())
}
