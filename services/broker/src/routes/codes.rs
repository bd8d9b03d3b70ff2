use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::Digest;
use serve::{JsonBody, ProblemResponse};
use statement::{Identity, MfaPurpose};
use wire::broker::{Attestation, Code, SecondFactorStart};
use wire::event::{Append, EventKind};

use crate::admission::Enrolled;
use crate::attest::{digest_of, random};
use crate::broker::{Broker, by};
use crate::factor::{Judged, Tries, totp};
use crate::problems::{self, Answer};
use crate::store::{FactorRow, NewAttestation};

type Body = Result<JsonBody<Code>, ProblemResponse>;

/// `POST /v1/second-factor`
pub(crate) async fn begin(State(broker): State<Arc<Broker>>, caller: Enrolled) -> Answer<Json<SecondFactorStart>> {
    let who = &caller.caller.identity;
    let _turn = broker.turn(EventKind::SecondFactorRefused, Some(who)).await?;
    if broker.store.factor(&who.person).await?.is_some_and(|f| f.confirmed) {
        let problem = problems::factor_exists();
        return Err(broker.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await);
    }
    let secret = zeroize::Zeroizing::new(random::<20>());
    let account = if who.name.is_empty() { &who.person.0 } else { &who.name };
    let generator = totp(&*secret, account).map_err(|_| problems::secret_unusable())?;
    let uri = generator.to_url().map_err(|_| problems::secret_unusable())?;
    let sealed = broker.secrets.seal(&who.person, &*secret).map_err(|_| problems::secret_unusable())?;
    broker.store.begin_factor(&who.person, &sealed).await?;
    Ok(Json(SecondFactorStart { uri, secret: generator.secret().to_base32() }))
}

/// `POST /v1/second-factor/confirm`
pub(crate) async fn confirm(
    State(broker): State<Arc<Broker>>,
    caller: Enrolled,
    body: Body,
) -> Answer<Json<Attestation>> {
    let who = &caller.caller.identity;
    let code = broker.body(body, EventKind::SecondFactorRefused, who).await?;
    let _turn = broker.turn(EventKind::SecondFactorRefused, Some(who)).await?;
    let problem = match broker.store.factor(&who.person).await? {
        Some(factor) if !factor.confirmed && code.purpose == MfaPurpose::SignIn && code.statement.is_none() => {
            return judge(&broker, who, &factor, &code, EventKind::SecondFactorEnrolled).await;
        }
        Some(factor) if factor.confirmed => problems::factor_exists(),
        Some(_) => problems::code_for_nothing(),
        None => problems::factor_missing(),
    };
    Err(broker.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await)
}

/// `POST /v1/codes`
pub(crate) async fn take(State(broker): State<Arc<Broker>>, caller: Enrolled, body: Body) -> Answer<Json<Attestation>> {
    let who = &caller.caller.identity;
    let code = broker.body(body, EventKind::SecondFactorRefused, who).await?;
    let _turn = broker.turn(EventKind::SecondFactorRefused, Some(who)).await?;
    let problem = match broker.store.factor(&who.person).await? {
        Some(_) if (code.purpose == MfaPurpose::Statement) != code.statement.is_some() => problems::code_for_nothing(),
        Some(factor) if factor.confirmed => {
            return judge(&broker, who, &factor, &code, EventKind::SecondFactorPassed).await;
        }
        _ => problems::factor_missing(),
    };
    Err(broker.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await)
}

/// Called in a turn: the code is judged, the outcome logged, then remembered, then answered.
async fn judge(
    broker: &Broker,
    who: &Identity,
    factor: &FactorRow,
    code: &Code,
    passed: EventKind,
) -> Answer<Json<Attestation>> {
    let now = broker.now();
    let secret = broker.secrets.open(&who.person, &factor.secret).map_err(|error| {
        tracing::error!(%error, "a second factor cannot be read");
        problems::secret_unusable()
    })?;
    let generator = totp(&secret, "").map_err(|_| problems::secret_unusable())?;
    match factor.tries.judge(&generator, &code.code, now) {
        Judged::Right(tries) => pass(broker, who, tries, code.statement.as_ref(), passed).await,
        Judged::Wrong(tries) => {
            let append = by(Append::new(EventKind::SecondFactorRefused), who).fact("code", "wrong-code");
            Err(count(broker, who, append, tries, problems::wrong_code()).await)
        }
        Judged::WrongAndLocked(tries) => {
            let append = by(Append::new(EventKind::SecondFactorLocked), who)
                .fact("code", "wrong-code")
                .fact("until", tries.locked_until.to_string());
            Err(count(broker, who, append, tries, problems::locked(tries.locked_until, now)).await)
        }
        unjudged => {
            let problem = match unjudged {
                Judged::Used => problems::used_code(),
                Judged::NoCode => problems::no_code(),
                _ => problems::locked(factor.tries.locked_until, now),
            };
            Err(broker.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await)
        }
    }
}

async fn pass(
    broker: &Broker,
    who: &Identity,
    tries: Tries,
    statement: Option<&Digest>,
    kind: EventKind,
) -> Answer<Json<Attestation>> {
    let now = broker.now();
    let compact = broker.attestor.mfa(&who.kid, statement, now).map_err(|_| problems::key_unusable())?;
    let digest = digest_of(&compact);
    let mut append = by(Append::new(kind), who).fact("attestation", digest.as_str());
    append = match statement {
        Some(statement) => append.fact("purpose", "statement").fact("statement", statement.as_str()),
        None => append.fact("purpose", "sign-in"),
    };
    let logged = broker.log(append).await?;
    let attestation = NewAttestation { digest: &digest, subject: &who.kid, statement, compact: &compact, now };
    broker.store.use_step(&logged, &who.person, tries.last_step, &attestation).await?;
    Ok(Json(Attestation { attestation: compact }))
}

async fn count(
    broker: &Broker,
    who: &Identity,
    append: Append,
    tries: Tries,
    problem: ProblemResponse,
) -> ProblemResponse {
    let counted = async {
        let logged = broker.log(append).await?;
        Ok::<_, ProblemResponse>(broker.store.count_wrong(&logged, &who.person, tries).await?)
    };
    counted.await.err().unwrap_or(problem)
}
