use std::time::Duration;

use super::*;

const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

fn gate() -> Arc<Gate> {
    let limits = Limits {
        handshakes: 4,
        handshakes_per_address: 3,
        calls: 4,
        calls_per_address: 3,
        streams: 1,
        per_service: 2,
        per_person: 2,
        ..Limits::default()
    };
    Gate::new(limits)
}

async fn is_cut(ticket: &Ticket) -> bool {
    tokio::time::timeout(Duration::ZERO, ticket.cut()).await.is_ok()
}

fn entered(gate: &Arc<Gate>, address: IpAddr, service: Option<Service>) -> Option<Ticket> {
    let ticket = gate.admit(address);
    ticket.enter(service).then_some(ticket)
}

#[tokio::test]
async fn t_26_a_handshake_finds_room_and_the_oldest_of_its_address_goes() {
    let gate = gate();
    let far = gate.admit(FAR);
    let near = [gate.admit(NEAR), gate.admit(NEAR), gate.admit(NEAR)];
    let fourth = gate.admit(NEAR);
    assert!(is_cut(&near[0]).await && !is_cut(&near[1]).await && !is_cut(&far).await && !is_cut(&fourth).await);
    assert!(!near[0].enter(None), "what was cut does not come in");
    let other = gate.admit(FAR);
    assert!(is_cut(&far).await, "the oldest of all");
    assert!(other.enter(None));
}

#[tokio::test]
async fn t_26_the_quietest_call_makes_room_and_a_busy_one_never() {
    let gate = gate();
    let first = entered(&gate, NEAR, None).expect("room");
    let second = entered(&gate, NEAR, None).expect("room");
    let third = entered(&gate, NEAR, None).expect("room");
    first.busy();
    let _fourth = entered(&gate, NEAR, None).expect("room");
    assert!(is_cut(&second).await && !is_cut(&first).await && !is_cut(&third).await);
    for ticket in [&third, &_fourth] {
        ticket.busy();
    }
    assert!(entered(&gate, NEAR, None).is_none(), "this address has its share");
    let far = entered(&gate, FAR, None).expect("others still come in");
    drop(first);
    assert!(entered(&gate, NEAR, None).is_some(), "a place that was given back");
    assert!(!is_cut(&far).await);
}

#[tokio::test]
async fn t_26_services_have_places_of_their_own() {
    let gate = gate();
    let calls: Vec<_> = [NEAR, NEAR, NEAR, FAR].map(|a| entered(&gate, a, None).expect("room")).into();
    calls.iter().for_each(Ticket::busy);
    assert!(entered(&gate, FAR, None).is_none());
    let gateway: Vec<_> = (0..2).map(|_| entered(&gate, NEAR, Some(Service::Gateway)).expect("room")).collect();
    gateway.iter().for_each(Ticket::busy);
    assert!(entered(&gate, NEAR, Some(Service::Gateway)).is_none());
    assert!(entered(&gate, NEAR, Some(Service::Audit)).is_some(), "one service does not take another's");
}

#[tokio::test]
async fn ops_13_without_descriptors_whoever_wants_nothing_goes_first() {
    let gate = gate();
    let gateway = entered(&gate, NEAR, Some(Service::Gateway)).expect("room");
    let busy = entered(&gate, NEAR, None).expect("room");
    busy.busy();
    let quiet = entered(&gate, NEAR, None).expect("room");
    let handshake = gate.admit(NEAR);
    gate.spare();
    assert!(is_cut(&handshake).await && !is_cut(&quiet).await);
    gate.spare();
    gate.spare();
    assert!(is_cut(&quiet).await && !is_cut(&busy).await && !is_cut(&gateway).await);
}

#[tokio::test]
async fn streams_are_counted_apart() {
    let gate = gate();
    let stream = entered(&gate, NEAR, None).expect("room");
    stream.busy();
    stream.streams();
    let calls: Vec<_> = (0..3).map(|_| entered(&gate, NEAR, None).expect("room")).collect();
    calls.iter().for_each(Ticket::busy);
    calls[0].streams();
    assert!(entered(&gate, NEAR, None).is_none(), "a stream for which there is no place stays a call");
    drop(stream);
    calls[0].streams();
    assert!(entered(&gate, NEAR, None).is_some());
}

#[test]
fn one_person_has_a_share() {
    let gate = gate();
    let (mara, tomasz) = (PersonId("e-100".into()), PersonId("e-200".into()));
    assert!(gate.begin_call(&mara) && gate.begin_call(&mara));
    assert!(!gate.begin_call(&mara) && gate.begin_call(&tomasz));
    gate.end_call(&mara);
    assert!(gate.begin_call(&mara));
    for person in [&mara, &mara, &tomasz] {
        gate.end_call(person);
    }
    assert!(gate.held().calls_of.is_empty(), "nobody is remembered");
}

#[test]
fn one_line_is_one_address() {
    let parse = |text: &str| network(text.parse().expect("address"));
    assert_eq!(parse("2001:db8:1:2:3:4:5:6"), parse("2001:db8:1:2::1"));
    assert_ne!(parse("2001:db8:1:2::1"), parse("2001:db8:1:3::1"));
    assert_eq!(parse("::ffff:192.0.2.1"), NEAR);
}
