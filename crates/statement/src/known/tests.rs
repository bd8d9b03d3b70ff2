use domain::{PersonId, Role};
use serde_json::json;

use super::*;
use crate::{CicHeader, DeviceKey, Directory, Enrol, Enrolments, Kind, Limits, Payload, Request, b64, nonce_for, sign};

const NOON: i64 = 1_795_000_000;
const DAY: i64 = 24 * 3600;

/// An issuer with one key, under an id of its own.
struct Issuer {
    kid: &'static str,
    key: DeviceKey,
}

impl Issuer {
    fn new(kid: &'static str) -> Self {
        Self { kid, key: DeviceKey::generate().unwrap().0 }
    }

    fn set(&self) -> Arc<ProviderKeys> {
        let mut jwk = serde_json::to_value(self.key.public()).unwrap();
        jwk["kid"] = self.kid.into();
        Arc::new(ProviderKeys::from_jwks(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap())
    }

    fn token(&self, device: &DeviceKey, roles: &[&str], iat: i64) -> String {
        let cic = CicHeader::encoded(&device.public(), [7; 32]);
        let claims = json!({"iss": "https://id.test", "aud": "desktop", "sub": "a", "iat": iat, "nonce": nonce_for(&cic),
            "person": "e-9", "roles": roles});
        let header = json!({"alg": "ES256", "kid": self.kid});
        let input = format!("{}.{}", b64::encode(header.to_string()), b64::encode(claims.to_string()));
        let id_token = format!("{input}.{}", b64::encode(self.key.sign(input.as_bytes()).unwrap()));
        PkToken::make(&id_token, &cic, device).unwrap()
    }
}

fn trust(first: &DeviceKey) -> Trust {
    Trust {
        issuer: "https://id.test".into(),
        client_id: "desktop".into(),
        person_claim: "person".into(),
        roles_claim: "roles".into(),
        policy_claims: crate::PolicyClaims::default(),
        gateway_id: "gateway".into(),
        log_key: String::new(),
        attestation_key: first.public(),
        first_administrators: vec![first.public().thumbprint()],
        limits: Limits { max_duration_seconds: 3600, max_scope: domain::Scope::Read },
        policy: b64::sha256("policy"),
        waits: crate::Waits::default(),
    }
}

fn signed<B: Kind>(key: &DeviceKey, token: &str, body: B, iat: i64) -> String {
    let payload = Payload { aud: "gateway".into(), body, exp: iat + 60, iat, jti: "x".into(), seen: String::new() };
    sign(key, &b64::sha256(token), &payload).unwrap()
}

fn enrol() -> Enrol {
    Enrol { device: b64::sha256("another Device"), person: PersonId("e-1".into()) }
}

/// An administrator's Device, their token of the old key at noon, and what they signed with it.
struct Old {
    issuer: Issuer,
    device: DeviceKey,
    token: String,
    enrol: String,
}

impl Old {
    fn new() -> Self {
        let (issuer, device) = (Issuer::new("k1"), DeviceKey::generate().unwrap().0);
        let token = issuer.token(&device, &["administrator", "engineer"], NOON);
        let enrol = signed(&device, &token, enrol(), NOON + 5);
        Self { issuer, device, token, enrol }
    }

    fn verified(&self, known: &KnownKeys) -> Result<Identity, Refusal> {
        let trust = trust(&self.device);
        let directory = Directory::new([&self.token], &trust, known).unwrap();
        directory.verify_enrol(&self.enrol).map(|(_, who)| who)
    }
}

fn past(issuer: &Issuer, until: i64) -> PastKeys {
    PastKeys { keys: issuer.set(), until }
}

#[test]
fn an_enrolment_outlives_the_key_that_it_was_signed_under() {
    let (old, new) = (Old::new(), Issuer::new("k2"));
    let known = KnownKeys::new(new.set(), [past(&old.issuer, NOON + DAY)]);
    assert_eq!(old.verified(&known).unwrap().roles, [Role::Engineer, Role::Administrator]);
    assert_eq!(old.verified(&new.set().into()), Err(Refusal::UnknownProviderKey));

    let trust = trust(&old.device);
    let directory = Directory::new([&old.token], &trust, &known).unwrap();
    let enrolments = Enrolments::derive(&[&old.enrol], &directory, &trust, NOON + 300 * DAY);
    let who = Identity { person: enrol().person, device: enrol().device, ..old.verified(&known).unwrap() };
    assert_eq!(enrolments.check_person(&who), Ok(()));
    assert_eq!(enrolments.signers().collect::<Vec<_>>(), [&b64::sha256(&old.token)]);
}

#[test]
fn o_14_nothing_but_an_enrolment_is_verified_with_a_past_set() {
    let (old, new) = (Old::new(), Issuer::new("k2"));
    let (trust, known) = (trust(&old.device), KnownKeys::new(new.set(), [past(&old.issuer, NOON + DAY)]));
    let directory = Directory::new([&old.token], &trust, &known).unwrap();
    let organization = domain::Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch".into() };
    let request = Request {
        duration_seconds: 60,
        break_glass: None,
        extends: None,
        justification: "The customer reports a wrong total.".into(),
        organization,
        policy: trust.policy.clone(),
        reason: domain::ReasonCategory::CustomerReportedProblem,
        scope: domain::Scope::Read,
        ticket: "T-1".into(),
    };
    let request = signed(&old.device, &old.token, request, NOON + 5);
    assert_eq!(directory.verify::<Request>(&request).unwrap_err(), Refusal::UnknownProviderKey);
    assert_eq!(directory.verify::<Enrol>(&old.enrol).unwrap_err(), Refusal::UnknownProviderKey, "a new one");
    assert_eq!(directory.identity(&b64::sha256(&old.token), NOON), Err(Refusal::UnknownProviderKey));
    let today = Directory::new([&old.token], &trust, old.issuer.set()).unwrap();
    assert!(today.verify::<Request>(&request).is_ok());
}

#[test]
fn l_11_a_token_that_was_issued_after_its_key_was_retired_enrols_nobody() {
    let (old, new) = (Old::new(), Issuer::new("k2"));
    let ending = |until| old.verified(&KnownKeys::new(new.set(), [past(&old.issuer, until)])).map(drop);
    assert_eq!(ending(NOON), Ok(()));
    assert_eq!(ending(NOON - 1), Err(Refusal::RetiredProviderKey));
}

#[test]
fn l_11_a_key_verifies_nothing_before_it_is_announced() {
    let (next, now) = (Old::new(), Issuer::new("k2"));
    assert_eq!(next.verified(&KnownKeys::new(now.set(), [])), Err(Refusal::UnknownProviderKey));
    let past_only = [past(&Issuer::new("k3"), NOON + DAY)];
    assert_eq!(next.verified(&KnownKeys::new(now.set(), past_only)), Err(Refusal::UnknownProviderKey));
    assert!(next.verified(&KnownKeys::new(next.issuer.set(), [])).is_ok(), "once it is announced");
}

#[test]
fn l_11_a_past_set_with_another_key_under_the_same_id_verifies_nothing() {
    let (old, new) = (Old::new(), Issuer::new("k1"));
    let other = KnownKeys::new(new.set(), [past(&Issuer::new("k1"), NOON + DAY)]);
    assert_eq!(old.verified(&other).unwrap_err(), Refusal::UnknownProviderKey);
    let right = KnownKeys::new(new.set(), [past(&Issuer::new("k1"), NOON + DAY), past(&old.issuer, NOON + DAY)]);
    assert!(old.verified(&right).is_ok(), "an id that was used twice hides nobody");
}

#[test]
fn what_else_is_wrong_with_a_token_stays_wrong() {
    let old = Old::new();
    let known = KnownKeys::new(Issuer::new("k2").set(), [past(&old.issuer, NOON + DAY)]);
    let late = Old { enrol: signed(&old.device, &old.token, enrol(), NOON + 8 * 3600), ..Old::new() };
    let late = Old { token: old.token.clone(), device: DeviceKey::generate().unwrap().0, ..late };
    assert_eq!(late.verified(&known).unwrap_err(), Refusal::UnknownProviderKey, "older than a sign-in lasts");
    let stranger = DeviceKey::generate().unwrap().0;
    let forged = Old { enrol: signed(&stranger, &old.token, enrol(), NOON + 5), ..old };
    assert_eq!(forged.verified(&known).unwrap_err(), Refusal::BadSignature);
}

#[test]
fn a_set_ends_when_another_one_was_seen_in_its_place() {
    let (a, b, c) = (Issuer::new("a"), Issuer::new("b"), Issuer::new("c"));
    let seen = |issuer: &Issuer, at| SeenKeys { keys: issuer.set(), at };
    let ends = |current: &Issuer, seen: &[SeenKeys]| -> Vec<(Digest, i64)> {
        let known = KnownKeys::from_seen(current.set(), seen, 100);
        known.past().iter().map(|p| (p.keys.digest().clone(), p.until)).collect()
    };
    let end = |issuer: &Issuer, until| (issuer.set().digest().clone(), until);
    assert_eq!(ends(&a, &[seen(&a, 1)]), []);
    assert_eq!(ends(&c, &[seen(&a, 1), seen(&b, 10), seen(&c, 20)]), [end(&a, 10), end(&b, 20)]);
    assert_eq!(ends(&c, &[seen(&a, 1), seen(&a, 5), seen(&b, 10)]), [end(&a, 10), end(&b, 100)], "c is not logged yet");
    let back = [seen(&a, 1), seen(&b, 10), seen(&a, 20), seen(&c, 30)];
    assert_eq!(ends(&c, &back), [end(&b, 20), end(&a, 30)], "a came back");
    assert_eq!(ends(&a, &back), [end(&b, 20), end(&c, 100)], "the current one is not past");
}

#[test]
fn no_more_past_sets_than_a_bound_and_the_newest_of_them() {
    let issuer = Issuer::new("k");
    let many = (0..300).map(|n| {
        let raw = String::from_utf8(issuer.set().raw().to_vec()).unwrap() + &" ".repeat(n);
        let n = i64::try_from(n).unwrap();
        PastKeys { keys: Arc::new(ProviderKeys::from_jwks(raw.as_bytes()).unwrap()), until: n }
    });
    let known = KnownKeys::new(Issuer::new("k2").set(), many.collect::<Vec<_>>());
    assert_eq!(known.past().len(), 256);
    assert_eq!(known.past().last().unwrap().until, 299);
}

#[test]
fn the_same_keys_in_another_order_are_the_same() {
    let (a, b) = (Issuer::new("a"), Issuer::new("b"));
    let set = |issuers: [&Issuer; 2]| {
        let keys =
            issuers.map(|i| serde_json::from_slice::<serde_json::Value>(i.set().raw()).unwrap()["keys"][0].clone());
        ProviderKeys::from_jwks(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    };
    let (ab, ba) = (set([&a, &b]), set([&b, &a]));
    assert!(ab.holds_the_same(&ba) && ab.digest() != ba.digest());
    assert!(!ab.holds_the_same(&a.set()) && !a.set().holds_the_same(&ab) && !a.set().holds_the_same(&b.set()));
}

#[test]
fn no_request_has_more_tokens_than_a_bound() {
    let old = Old::new();
    let trust = trust(&old.device);
    let many = vec![old.token.clone(); 129];
    assert_eq!(Directory::new(&many, &trust, old.issuer.set()).unwrap_err(), Refusal::TooLarge);
    assert!(Directory::new(&many[..128], &trust, old.issuer.set()).is_ok());
    assert!(Directory::of_stored(&many, &trust, old.issuer.set()).verify_enrol(&old.enrol).is_ok());
}

#[test]
fn what_happened_is_looked_at_with_the_keys_of_then() {
    let (a, b, c) = (Issuer::new("a"), Issuer::new("b"), Issuer::new("c"));
    let known = KnownKeys::new(c.set(), [past(&a, 10_000), past(&b, 20_000)]);
    let current = |known: KnownKeys| known.current().digest().clone();
    let digest = |issuer: &Issuer| issuer.set().digest().clone();
    assert_eq!([5, 10_000, 10_001, 20_001].map(|at| current(known.as_of(at))), [&a, &a, &b, &c].map(digest));
    assert_eq!(
        known.when(&digest(&a), 13_600).map(current),
        Some(digest(&a)),
        "a service may have kept it for an hour"
    );
    assert!(known.when(&digest(&a), 13_601).is_none());
    assert_eq!(known.when(&digest(&c), 1).map(current), Some(digest(&c)));
    assert!(known.when(&digest(&Issuer::new("a")), 1).is_none());
    let then = known.as_of(15_000);
    assert_eq!(then.past().iter().map(|p| p.until).collect::<Vec<_>>(), [10_000]);
}

#[test]
fn a_key_of_today_and_one_of_before_are_known() {
    let (old, new) = (Issuer::new("old"), Issuer::new("new"));
    let known = KnownKeys::new(new.set(), [PastKeys { keys: old.set(), until: NOON }]);
    assert!(known.knows(Some("new")) && known.knows(Some("old")));
    assert!(!known.knows(Some("another")));
}
