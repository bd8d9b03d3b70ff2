use checkpoint::LogSigner;
use statement::{DeviceKey, Enrol, Revoke, Unverified, verify_mfa};
use wire::broker::OwnDevice;
use wire::gateway::Revocation;

use super::*;

const WHY: &str = "It was left on a train.";

/// As the broker shows it: somebody's Device with an enrolment of this date for this person.
fn shown(desk: &Desk, device: domain::Digest, person: &Person, at: i64) -> OwnDevice {
    by_one_who_saw(desk, device, person, at, "")
}

/// The same by an administrator who had seen this.
fn by_one_who_saw(desk: &Desk, device: domain::Digest, person: &Person, at: i64, seen: &str) -> OwnDevice {
    let enrol = Enrol { device: device.clone(), person: person.id.clone() };
    OwnDevice {
        device,
        enrolled_at: at,
        signed_in_at: Some(at + 5),
        revoked: false,
        enrols: vec![desk.world.ben.sign(enrol, at, seen)],
        enrol_tokens: vec![desk.world.ben.pk_token.clone()],
    }
}

fn another() -> domain::Digest {
    DeviceKey::generate().unwrap().0.public().thumbprint()
}

/// An engineer's desk, and another Device that was enrolled for them so long before this one.
async fn engineer(before: i64) -> (Desk, domain::Digest) {
    let desk = Desk::with_roles(&["engineer"]).await;
    let (other, tomasz) = (another(), &desk.world.tomasz);
    let mine = shown(&desk, tomasz.thumbprint(), tomasz, NOW - 30);
    let theirs = shown(&desk, other.clone(), tomasz, NOW - 30 - before);
    desk.services().enrols = (mine.enrols.clone(), mine.enrol_tokens.clone());
    desk.services().others.insert("/v1/me/devices", json!([theirs, mine]));
    (desk, other)
}

#[tokio::test]
async fn ones_own_devices_are_shown_by_what_their_enrolments_say_here() {
    let (desk, other) = engineer(10).await;
    let list = desk.engine.own_devices().await.unwrap();
    let seen: Vec<_> = list.iter().map(|d| (d.device.clone(), d.here, d.waits_until, d.check)).collect();
    let own = desk.world.tomasz.thumbprint().to_string();
    // This one came later, and waits an hour.
    let until = Some(u32::try_from(NOW - 30 + 3600).unwrap());
    assert_eq!(
        seen,
        [(own, true, until, SignatureCheck::ChecksOut), (other.to_string(), false, None, SignatureCheck::ChecksOut)]
    );
    assert_eq!(list[1].signed_in_at, Some(u32::try_from(NOW - 35).unwrap()));
    // One that is enrolled for somebody else, and a pinned key that nobody enrolled.
    let of_mara = shown(&desk, another(), &desk.world.mara, NOW - 40);
    desk.services().others.insert("/v1/me/devices", json!([of_mara]));
    let list = desk.engine.own_devices().await.unwrap();
    let seen: Vec<_> = list.iter().map(|d| (d.here, d.enrolled_at.is_some(), d.check)).collect();
    assert_eq!(seen, [(true, false, SignatureCheck::ChecksOut), (false, true, SignatureCheck::DoesNotMatch)]);
}

#[tokio::test]
async fn l_02_one_that_was_enrolled_by_one_who_saw_another_log_is_not_shown_as_theirs() {
    let (desk, other) = engineer(10).await;
    let (tomasz, own) = (&desk.world.tomasz, desk.world.tomasz.thumbprint());
    let made_up = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(1, &[9; 32]);
    for (seen, check) in [(made_up, SignatureCheck::DoesNotMatch), (String::new(), SignatureCheck::ChecksOut)] {
        let theirs = by_one_who_saw(&desk, other.clone(), tomasz, NOW - 40, &seen);
        let mine = shown(&desk, own.clone(), tomasz, NOW - 30);
        desk.services().others.insert("/v1/me/devices", json!([mine, theirs]));
        let list = desk.engine.own_devices().await.unwrap();
        assert_eq!((list[0].check, list[1].check), (SignatureCheck::ChecksOut, check));
    }
}

#[tokio::test]
async fn another_device_of_ones_own_is_taken_out_with_both_chains_and_a_code_for_exactly_that() {
    let (desk, other) = engineer(0).await;
    desk.engine.revoke_device(other.as_str(), WHY, "123456").await.unwrap();
    assert_eq!(desk.posts()[0], "/v1/codes");
    let brought: Vec<Revocation> =
        desk.services().revoked.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
    let [to_gateway] = &brought[..] else { panic!("the gateway hears it once") };
    let signed = Unverified::<Revoke>::read(&to_gateway.statement).unwrap();
    assert_eq!(signed.unverified_body().revokes, statement::Revoked::Device(other));
    let attested = verify_mfa(to_gateway.mfa.as_ref().unwrap(), &desk.world.trust).unwrap();
    assert_eq!(attested.body().statement, Some(sha256(&to_gateway.statement)));
    assert_eq!(to_gateway.enrols.len(), 2, "whose both are");
    let tokens = [&desk.world.ben.pk_token, &desk.world.tomasz.pk_token];
    assert!(tokens.iter().all(|token| to_gateway.pk_tokens.contains(token)));
    assert_eq!(desk.services().revoked.len(), 2, "and the broker");
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::Ready, "nobody is signed out by it");
}

#[tokio::test]
async fn d_07_what_is_not_theirs_or_too_early_is_not_signed() {
    let (desk, other) = engineer(10).await;
    let code = async |device: &str| desk.engine.revoke_device(device, WHY, "123456").await.unwrap_err().code;
    assert_eq!(code(other.as_str()).await, "device-too-new");
    assert_eq!(code(another().as_str()).await, "missing-role");
    let of_mara = shown(&desk, another(), &desk.world.mara, NOW - 4000);
    desk.services().others.insert("/v1/me/devices", json!([of_mara]));
    assert_eq!(code(of_mara.device.as_str()).await, "does-not-match");
    assert!(desk.posts().is_empty(), "no code and no revocation left this computer");
}

/// What ends by a code alone is not brought without one.
#[tokio::test]
async fn m_07_while_no_code_is_taken_nothing_of_ones_own_is_brought_anywhere() {
    let (desk, other) = engineer(0).await;
    desk.services().no_codes = true;
    let error = desk.engine.revoke_device(other.as_str(), WHY, "123456").await.unwrap_err();
    assert_eq!(error.code, "audit-unreachable");
    assert!(desk.services().revoked.is_empty());
}

#[tokio::test]
async fn whoever_takes_this_device_out_is_signed_out_here() {
    let (desk, _) = engineer(10).await;
    let own = desk.world.tomasz.thumbprint();
    desk.engine.revoke_device(own.as_str(), WHY, "123456").await.unwrap();
    assert_eq!(desk.services().revoked.len(), 2);
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::SignIn);
}
