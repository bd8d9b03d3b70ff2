//! One's own Devices: who reads them, and who takes another one of them out.

use domain::Digest;
use serde_json::{Value, json};
use statement::{DeviceKey, Revoke, Revoked, sha256};
use wire::broker::OwnDevice;
use wire::event::EventKind;

use super::pushing::Stream;
use super::waiting::second;
use super::world::{Account, Answered, World, code};

fn thumbprint(of: &Account) -> Digest {
    of.key.public().thumbprint()
}

impl World {
    async fn take_out(&self, by: &Account, what: Digest) -> Answered {
        let body = Revoke { reason: "It was left on a train.".into(), revokes: Revoked::Device(what) };
        let statement = self.sign(by, body, 60);
        let mfa = self.attestation(by, &statement).await;
        self.post(by, "/v1/revocations", json!({"statement": statement, "mfa": mfa})).await
    }

    async fn own(&self, who: &Account) -> Vec<OwnDevice> {
        let (status, answer) = self.get(who, "/v1/me/devices").await;
        assert_eq!(status, 200, "{answer}");
        serde_json::from_value(answer).expect("devices")
    }
}

const DONE: Answered = (204, Value::Null);

#[tokio::test]
async fn everybody_reads_their_own_devices_and_nobody_elses() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let [alone] = &w.own(&mara).await[..] else { panic!("one Device") };
    assert_eq!((&alone.device, alone.revoked), (&thumbprint(&mara), false));
    w.clock.advance(60);
    let before = w.broker.now();
    let mara_2 = second(&w, &mara).await;
    let listed = w.own(&mara).await;
    let seen: Vec<_> = listed.iter().map(|d| (d.device.clone(), d.revoked)).collect();
    assert_eq!(seen, [(thumbprint(&mara_2), false), (thumbprint(&mara), false)]);
    assert_eq!((listed[1].enrolled_at, listed[1].signed_in_at), (alone.enrolled_at, alone.signed_in_at));
    assert_eq!(listed[0].signed_in_at, Some(before), "by its first call, which came before its enrolment");
    assert!(listed[0].enrolled_at >= before && alone.enrolled_at < before);
    assert!(listed.iter().all(|d| !d.enrols.is_empty() && !d.enrol_tokens.is_empty()));
    let of_tomasz: Vec<Digest> = w.own(&tomasz).await.into_iter().map(|d| d.device).collect();
    assert_eq!(of_tomasz, [thumbprint(&tomasz)]);
    assert_eq!(w.own(&w.ben).await, [], "a pinned key is nobody's by enrolment");
    let viewed = w.log.since(0).into_iter().filter(|event| event.kind == EventKind::Viewed);
    let calls = viewed.filter(|event| event.facts["call"] == "GET /v1/me/devices").count();
    assert_eq!(calls, 3, "one an hour for each of them");
}

#[tokio::test]
async fn a_lost_computer_is_taken_out_from_ones_other_one_and_what_it_signed_is_cut() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    w.approve(&tomasz, &id).await;
    w.clock.advance(1);
    let mara_2 = second(&w, &mara).await;
    let mut stream = Stream::open(&w, &mara).await;
    w.clock.advance(3600);
    assert_eq!(w.take_out(&mara_2, thumbprint(&mara)).await, DONE);
    let entry = w.log.last();
    assert_eq!(entry.facts["revoked-device"], thumbprint(&mara).to_string());
    assert_eq!((entry.kind, entry.personal["person"].as_str()), (EventKind::Revoked, "e-100"));
    assert!(stream.ended().await);
    assert_eq!(code(&w.get(&mara, "/v1/me").await), (403, "revoked"));
    assert_eq!(w.get(&tomasz, &format!("/v1/requests/{id}")).await.1["ended_by"], "revoked");
    let revoked: Vec<bool> = w.own(&mara_2).await.into_iter().map(|d| d.revoked).collect();
    assert_eq!(revoked, [false, true]);
}

#[tokio::test]
async fn d_07_nobody_takes_out_what_is_not_theirs_nor_from_a_device_that_is_new_or_out() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    // The same name, and another one in the directory.
    let namesake = w.admitted("e-101", &["engineer"]).await;
    w.clock.advance(1);
    let mara_2 = second(&w, &mara).await;
    let waits = w.stranger("e-100", "e-100", &["engineer"]);
    w.get(&waits, "/v1/me").await;
    for (by, what, expected) in [
        (&mara, thumbprint(&tomasz), "missing-role"),
        (&mara, thumbprint(&namesake), "missing-role"),
        (&namesake, thumbprint(&mara), "missing-role"),
        (&mara, thumbprint(&waits), "missing-role"),
        (&mara, sha256("no Device"), "missing-role"),
        (&mara_2, thumbprint(&mara), "device-too-new"),
    ] {
        assert_eq!(code(&w.take_out(by, what).await), (403, expected));
        assert_eq!(w.log.last().facts["code"], expected);
    }
    assert_eq!(w.take_out(&mara, thumbprint(&mara_2)).await, DONE, "the one of before, at once");
    w.clock.advance(3600);
    let body = Revoke { reason: "In kind, by a thief.".into(), revokes: Revoked::Device(thumbprint(&mara)) };
    let back = json!({"statement": w.sign(&mara_2, body, 60), "mfa": null});
    assert_eq!(code(&w.post(&mara_2, "/v1/revocations", back).await), (403, "revoked"));
    let asks = json!({"code": w.next_code(&mara_2), "purpose": "statement", "statement": sha256("it")});
    assert_eq!(code(&w.post(&mara_2, "/v1/codes", asks).await), (403, "revoked"), "no code either");
    assert_eq!(w.get(&mara, "/v1/me").await.0, 200);
}

#[tokio::test]
async fn m_07_ones_own_device_goes_with_a_code_for_exactly_that() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mara_2 = second(&w, &mara).await;
    let body = |device| Revoke { reason: "It was left on a train.".into(), revokes: Revoked::Device(device) };
    let statement = w.sign(&mara, body(thumbprint(&mara_2)), 60);
    let other = w.sign(&mara, body(DeviceKey::generate().expect("key").0.public().thumbprint()), 60);
    let of_another = w.attestation(&mara, &other).await;
    for mfa in [Value::Null, json!(of_another)] {
        let body = json!({"statement": statement, "mfa": mfa});
        assert_eq!(code(&w.post(&mara, "/v1/revocations", body).await), (403, "no-second-factor"));
    }
    assert_eq!(w.get(&mara_2, "/v1/me").await.0, 200);
}
