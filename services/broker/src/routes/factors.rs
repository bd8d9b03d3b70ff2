//! Second factors: set up, confirmed, and put in the place of another.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::UnixSeconds;
use serve::{Caller, JsonBody, ProblemResponse};
use statement::{ADMINISTRATORS_WAIT, Identity, MfaPurpose, Waits};
use wire::broker::{
    Code, Confirmed, FactorChange, OldCode, RecoveryCodes, ReplacedWith, Replacement, SecondFactorStart,
};
use wire::event::{Append, EventKind};
use zeroize::Zeroizing;

use crate::admission::Enrolled;
use crate::attest::{digest_of, random};
use crate::broker::{Broker, by};
use crate::factor::totp;
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::recovery;
use crate::seal::Sealed;
use crate::store::{FactorRow, NewAttestation, NewFactor, Spent};

/// A lost factor is replaced with a sign-in that is no older, in seconds.
const FRESH_SIGN_IN: i64 = 10 * 60;
/// What was begun in the place of a confirmed secret can be confirmed this long, in seconds.
const BEGUN_FOR: i64 = 15 * 60;

const REFUSED: EventKind = EventKind::SecondFactorRefused;

/// `POST /v1/second-factor`
pub(crate) async fn begin(State(broker): State<Arc<Broker>>, caller: Enrolled) -> Answer<Json<SecondFactorStart>> {
    let who = &caller.caller.identity;
    let _turn = broker.turn(REFUSED, Some(who)).await?;
    let factor = broker.store.factor(&who.person).await?;
    let problem = match &factor {
        Some(factor) if factor.confirmed_at.is_some() => Some(problems::factor_exists()),
        Some(FactorRow { reset_at: Some(reset_at), .. }) => fresh_since(&broker, who, *reset_at).err(),
        _ => None,
    };
    if let Some(problem) = problem {
        return Err(broker.refuse(REFUSED, Some(who), None, problem).await);
    }
    let (sealed, start) = secret(&broker, who)?;
    let logged = broker.log(by(Append::new(EventKind::SecondFactorBegun), who)).await?;
    broker.store.begin_factor(&logged, &who.person, &sealed).await?;
    Ok(Json(start))
}

/// `POST /v1/second-factor/replace`
pub(crate) async fn replace(
    State(broker): State<Arc<Broker>>,
    caller: Enrolled,
    body: Result<JsonBody<Replacement>, ProblemResponse>,
) -> Answer<Json<SecondFactorStart>> {
    let who = &caller.caller.identity;
    let given = broker.body(body, REFUSED, who).await?;
    let _turn = broker.turn(REFUSED, Some(who)).await?;
    let factor = match broker.store.factor(&who.person).await? {
        Some(factor) if factor.confirmed_at.is_some() => factor,
        _ => return Err(broker.refuse(REFUSED, Some(who), None, problems::factor_missing()).await),
    };
    match given.with {
        ReplacedWith::Code => with_code(&broker, who, &factor, &given.code).await,
        ReplacedWith::RecoveryCode => with_recovery_code(&broker, who, &factor, &given.code).await,
    }
}

async fn with_code(broker: &Broker, who: &Identity, factor: &FactorRow, code: &str) -> Answer<Json<SecondFactorStart>> {
    let tries = broker.right_code(who, &factor.secret, factor.tries, code).await?;
    let append = by(Append::new(EventKind::SecondFactorPassed), who).fact("purpose", "replace");
    begun(broker, who, append, &Spent::Step(tries.last_step)).await
}

/// The sign-in is asked for before the code: a computer that was left open tries none.
async fn with_recovery_code(
    broker: &Broker,
    who: &Identity,
    factor: &FactorRow,
    code: &str,
) -> Answer<Json<SecondFactorStart>> {
    if let Err(problem) = fresh_since(broker, who, 0) {
        return Err(broker.refuse(REFUSED, Some(who), None, problem).await);
    }
    let (without, left) = broker.right_recovery_code(who, factor, code).await?;
    let append = by(Append::new(EventKind::RecoveryCodeUsed), who).fact("left", left.to_string());
    let with = factor.recovery.as_deref().unwrap_or_default();
    let start = begun(broker, who, append, &Spent::Recovery { with, without: &without }).await?;
    tell(broker, who, FactorChange::RecoveryCodeUsed);
    Ok(start)
}

async fn begun(broker: &Broker, who: &Identity, append: Append, spent: &Spent<'_>) -> Answer<Json<SecondFactorStart>> {
    let (sealed, start) = secret(broker, who)?;
    let logged = broker.log(append).await?;
    let until = broker.now() + BEGUN_FOR;
    broker.store.begin_replacement(&logged, &who.person, &sealed, until, spent).await?;
    Ok(Json(start))
}

/// `POST /v1/second-factor/confirm`
pub(crate) async fn confirm(
    State(broker): State<Arc<Broker>>,
    caller: Enrolled,
    body: Result<JsonBody<Code>, ProblemResponse>,
) -> Answer<Json<Confirmed>> {
    let who = &caller.caller.identity;
    let code = broker.body(body, REFUSED, who).await?;
    let _turn = broker.turn(REFUSED, Some(who)).await?;
    let Some(factor) = broker.store.factor(&who.person).await? else {
        return Err(broker.refuse(REFUSED, Some(who), None, problems::factor_missing()).await);
    };
    let proven = match begun_secret(&factor, broker.now()) {
        Ok(_) if code.purpose != MfaPurpose::SignIn || code.statement.is_some() => Err(problems::code_for_nothing()),
        begun => begun,
    };
    match proven {
        Ok(proven) => {
            let tries = factor.tries.of_new_secret();
            let tries = broker.right_code(who, proven.secret, tries, &code.code).await?;
            confirmed(&broker, &caller.caller, &proven, tries.last_step).await
        }
        Err(problem) => Err(broker.refuse(REFUSED, Some(who), None, problem).await),
    }
}

/// A secret that its first code makes good.
struct Begun<'a> {
    secret: &'a [u8],
    /// Why it takes another one's place.
    instead: Option<Instead>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    Code,
    RecoveryCode,
    Reset,
}

fn begun_secret(factor: &FactorRow, now: UnixSeconds) -> Answer<Begun<'_>> {
    match (&factor.next, factor.confirmed_at) {
        (Some(next), Some(_)) if now < next.until => {
            let instead = match next.with {
                ReplacedWith::Code => Instead::Code,
                ReplacedWith::RecoveryCode => Instead::RecoveryCode,
            };
            Ok(Begun { secret: &next.secret, instead: Some(instead) })
        }
        (_, Some(_)) => Err(problems::factor_exists()),
        (_, None) if factor.secret.is_empty() => Err(problems::factor_missing()),
        (_, None) => Ok(Begun { secret: &factor.secret, instead: factor.reset_at.map(|_| Instead::Reset) }),
    }
}

async fn confirmed(broker: &Broker, caller: &Caller, begun: &Begun<'_>, step: i64) -> Answer<Json<Confirmed>> {
    let (who, now) = (&caller.identity, broker.now());
    let (recovery_codes, recovery) = codes(broker, who)?;
    let compact = broker.attestor.mfa(&who.kid, caller.address, None, now).map_err(|_| problems::key_unusable())?;
    let digest = digest_of(&compact);
    // Whoever had the old one has waited with it, or had nothing to wait for.
    let waits = matches!(begun.instead, Some(Instead::RecoveryCode | Instead::Reset));
    let counts_from =
        if waits { now + factor_waits(broker.policies().await?.policies.current().trust.waits) } else { 0 };
    let kind = if begun.instead.is_some() { EventKind::SecondFactorReplaced } else { EventKind::SecondFactorEnrolled };
    let mut append = by(Append::new(kind), who).fact("attestation", digest.as_str()).fact("purpose", "sign-in");
    if let Some(instead) = begun.instead {
        append = append.fact("with", instead.word());
    }
    if waits {
        append = append.fact("counts-from", counts_from.to_string());
    }
    let logged = broker.log(append).await?;
    let replaces = matches!(begun.instead, Some(Instead::Code | Instead::RecoveryCode));
    let new = NewFactor { secret: begun.secret, replaces, step, counts_from, recovery: &recovery };
    let attestation = NewAttestation { digest: &digest, subject: &who.kid, statement: None, compact: &compact, now };
    broker.store.confirm_factor(&logged, &who.person, &new, &attestation).await?;
    if begun.instead.is_some() {
        tell(broker, who, FactorChange::Replaced);
    }
    Ok(Json(Confirmed { attestation: compact, recovery_codes }))
}

/// `POST /v1/recovery-codes`
pub(crate) async fn make_codes(
    State(broker): State<Arc<Broker>>,
    caller: Enrolled,
    body: Result<JsonBody<OldCode>, ProblemResponse>,
) -> Answer<Json<RecoveryCodes>> {
    let who = &caller.caller.identity;
    let given = broker.body(body, REFUSED, who).await?;
    let _turn = broker.turn(REFUSED, Some(who)).await?;
    let factor = match broker.store.factor(&who.person).await? {
        Some(factor) if factor.confirmed_at.is_some() => factor,
        _ => return Err(broker.refuse(REFUSED, Some(who), None, problems::factor_missing()).await),
    };
    let tries = broker.right_code(who, &factor.secret, factor.tries, &given.code).await?;
    let (codes, recovery) = codes(&broker, who)?;
    let append = by(Append::new(EventKind::RecoveryCodesMade), who).fact("count", codes.len().to_string());
    let logged = broker.log(append).await?;
    broker.store.replace_recovery(&logged, &who.person, tries.last_step, &recovery).await?;
    tell(&broker, who, FactorChange::RecoveryCodesMade);
    Ok(Json(RecoveryCodes { codes }))
}

/// A fresh secret: sealed, and as an authenticator takes it.
fn secret(broker: &Broker, who: &Identity) -> Answer<(Vec<u8>, SecondFactorStart)> {
    let secret = Zeroizing::new(random::<20>());
    let account = if who.name.is_empty() { &who.person.0 } else { &who.name };
    let generator = totp(&*secret, account).map_err(|_| problems::secret_unusable())?;
    let uri = generator.to_url().map_err(|_| problems::secret_unusable())?;
    let sealed = broker.sealed(Sealed::Totp, who, &*secret)?;
    Ok((sealed, SecondFactorStart { uri, secret: generator.secret().to_base32() }))
}

/// Fresh recovery codes, and what is kept of them.
fn codes(broker: &Broker, who: &Identity) -> Answer<(Vec<String>, Vec<u8>)> {
    let codes = recovery::draw(|| {
        let [byte] = random();
        byte
    });
    let marks = recovery::marks(&broker.secrets, &who.person, &codes);
    let sealed = broker.sealed(Sealed::Recovery, who, &marks)?;
    Ok((codes, sealed))
}

/// Whether the provider signed this person in a moment ago, and not before `since`.
fn fresh_since(broker: &Broker, who: &Identity, since: UnixSeconds) -> Answer<()> {
    let fresh = who.signed_in_at >= since && broker.now() < who.signed_in_at + FRESH_SIGN_IN;
    if fresh { Ok(()) } else { Err(problems::fresh_sign_in_needed()) }
}

/// A code for a statement is good for whichever: it waits as long as the longest.
fn factor_waits(waits: Waits) -> i64 {
    waits.approve_seconds.max(ADMINISTRATORS_WAIT)
}

fn tell(broker: &Broker, who: &Identity, change: FactorChange) {
    broker.pushes.send(Signal::Factor { person: who.person.clone(), change });
}

impl Instead {
    fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::RecoveryCode => "recovery-code",
            Self::Reset => "reset",
        }
    }
}
