use statement::{Enrol, Unverified, verify_mfa};

use super::*;

fn waits(who: &Person) -> PendingEnrolment {
    PendingEnrolment {
        person: who.id.clone(),
        name: who.name.clone(),
        device: who.thumbprint(),
        since: NOW - 60,
        pk_token: who.pk_token.clone(),
    }
}

#[tokio::test]
async fn a_device_is_enrolled_with_the_code_of_exactly_this_signature() {
    let desk = Desk::new().await;
    let ines = &desk.world.ines;
    desk.services().pending = vec![waits(ines)];
    let (person, device) = (ines.id.0.as_str(), ines.thumbprint().to_string());
    assert_eq!(desk.engine.enrol(person, &device, "12345").await.unwrap_err().code, "wrong-code");
    assert!(desk.posts().is_empty(), "nothing left this computer");
    assert!(desk.engine.enrol(person, &device, "123 456").await.unwrap().is_empty());
    assert_eq!(desk.posts(), ["/v1/codes", "/v1/enrolments"]);
    let sent = desk.services().enrolled.remove(0);
    let signed = Unverified::<Enrol>::read(&sent.statement).unwrap();
    assert_eq!(*signed.kid(), sha256(&desk.world.tomasz.pk_token));
    let attested = verify_mfa(&sent.mfa.expect("an attestation"), &desk.world.trust).unwrap();
    assert_eq!(attested.body().statement, Some(sha256(&sent.statement)));
}

#[tokio::test]
async fn an_attestation_about_something_else_enrols_nobody() {
    let desk = Desk::new().await;
    let ines = &desk.world.ines;
    desk.services().pending = vec![waits(ines)];
    desk.services().attests = Some(sha256("another statement"));
    let error = desk.engine.enrol(&ines.id.0, ines.thumbprint().as_str(), "123456").await.unwrap_err();
    assert_eq!(error.code, "other-attestation");
    assert_eq!(desk.posts(), ["/v1/codes"], "the enrolment stays here");
    assert_eq!(desk.told().await[0].code, LocalCode::OtherAttestation);
}

#[tokio::test]
async fn whoever_is_shown_as_somebody_else_is_not_enrolled() {
    let desk = Desk::new().await;
    let (ines, ben) = (&desk.world.ines, &desk.world.ben);
    desk.services().pending = vec![PendingEnrolment { person: ben.id.clone(), ..waits(ines) }];
    let error = desk.engine.enrol(&ben.id.0, ines.thumbprint().as_str(), "123456").await.unwrap_err();
    assert_eq!(error.code, "does-not-match");
    assert!(desk.posts().is_empty(), "no code and no enrolment left this computer");
}
