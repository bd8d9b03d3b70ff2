mod handing_over;

use super::*;
use crate::engine::tests::desk::Desk;
use crate::show::organization;
use crate::world::World;

/// A Session of this person on the desk, at a gateway that answers nothing.
fn open(desk: &Desk, request: &str, person: &str) {
    let tls = Arc::new(TlsKey::make().unwrap());
    let nowhere = format!("https://{}", spare_ports::address().unwrap());
    let gateway = GatewayClient::new(&nowhere, &desk.file.ca, &tls.cert_pem, &tls.key_pem).unwrap();
    let view = DoorView {
        request: request.into(),
        session: request.into(),
        organization: organization(&World::request_body().organization),
        scope: "read".into(),
        reason: "maintenance".into(),
        ticket: "T-1".into(),
        opened_at: 0,
        ends_at: 0,
        address: String::new(),
        recording_lag_ms: 0,
        paused: false,
        page_stopped: false,
        ended_by: String::new(),
        ended_for: None,
        watchers: Vec::new(),
        more: None,
    };
    let person = PersonId(person.into());
    let open = Open { view, person, door: None, start: String::new(), hosts: Vec::new(), gateway, tls, hold: None };
    desk.engine.inner.live().doors.insert(request.into(), open);
}

#[tokio::test]
async fn who_signs_in_goes_through_no_door_of_somebody_elses() {
    let desk = Desk::new().await;
    open(&desk, "of-mara", "e-1041");
    open(&desk, "of-tomasz", "e-1007");
    desk.engine.inner.end_sessions_of_others(&PersonId("e-1007".into())).await;
    let ended = |request: &str| desk.engine.inner.live().doors[request].view.ended_by.clone();
    assert_eq!((ended("of-mara"), ended("of-tomasz")), ("ended-by-requester".into(), String::new()));
}

#[tokio::test]
async fn an_end_that_the_gateway_does_not_hear_is_told_again() {
    let desk = Desk::new().await;
    open(&desk, "of-mara", "e-1041");
    let inner = desk.engine.inner.clone();
    let gateway = inner.live().doors["of-mara"].gateway.clone();
    inner.profile.mark_door("of-mara").unwrap();
    inner.profile.ask_for_end("of-mara").unwrap();
    let looking = tokio::spawn(inner.clone().look_after("of-mara".into(), gateway));
    tokio::time::sleep(EVERY * 4).await;
    assert_eq!(inner.live().doors["of-mara"].view.ended_by, "", "it was given up at the first try");
    assert!(inner.profile.end_is_asked("of-mara"));
    looking.abort();
}
