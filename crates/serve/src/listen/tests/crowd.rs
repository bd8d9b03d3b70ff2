//! Hundreds of connections that want nothing, beside somebody who does.

use std::time::Instant;

use super::*;

fn small() -> Limits {
    Limits { handshakes: 64, handshakes_per_address: 48, calls: 96, calls_per_address: 64, ..Limits::default() }
}

/// Connections that never begin their handshake.
async fn silent(served: &Served, n: usize) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..n {
        streams.push(TcpStream::connect(served.address()).await.expect("connected"));
    }
    streams
}

/// Connections that shook hands and then send a head, one byte in a while, that never ends.
async fn slow_heads(served: &Served, n: usize) -> Vec<TlsStream<TcpStream>> {
    let mut streams = Vec::new();
    for _ in 0..n {
        let mut stream = served.connected().await.expect("connected");
        stream.write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\nx-slow: ").await.expect("written");
        streams.push(stream);
    }
    streams
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_26_five_hundred_slow_connections_keep_neither_desktops_nor_services_out() {
    let served = served_within(small()).await;
    let gateway = served.client(Some(certify(&served.ca, "gateway")));
    let peer = format!("{}/peer", served.base);
    assert_eq!(gateway.get(&peer).send().await.expect("answer").status(), 200);
    let _silent = silent(&served, 300).await;
    let mut heads = slow_heads(&served, 200).await;
    for stream in &mut heads {
        let _ = stream.write_all(b"x").await;
    }
    let began = Instant::now();
    assert_eq!(served.peer(Some(certify(&served.ca, "gateway"))).await.expect("a new one"), "Some(Gateway)");
    assert_eq!(gateway.get(&peer).send().await.expect("the old one").text().await.expect("text"), "Some(Gateway)");
    assert_eq!(served.peer(None).await.expect("a desktop"), "None");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_26_with_every_place_for_calls_in_use_services_still_have_theirs() {
    let served = served_within(Limits { calls: 40, calls_per_address: 40, ..Limits::default() }).await;
    let mut busy = Vec::new();
    for _ in 0..40 {
        let mut stream = served.connected().await.expect("connected");
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
        busy.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(served.peer(None).await.is_err(), "nobody who waits for an answer is cut for somebody new");
    for name in ["gateway", "audit", "broker"] {
        let peer = served.peer(Some(certify(&served.ca, name))).await.expect("a service");
        assert!(peer.to_lowercase().contains(name), "{peer}");
    }
    drop(busy.split_off(20));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(served.peer(None).await.expect("places came back"), "None");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_26_a_flood_of_one_service_does_not_take_anothers_places() {
    let served = served_within(Limits { per_service: 8, ..Limits::default() }).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let client = served.client(Some(certify(&served.ca, "audit")));
        let url = format!("{}/slow", served.base);
        clients.push(tokio::spawn(async move { client.get(url).send().await.is_ok() }));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(served.peer(Some(certify(&served.ca, "gateway"))).await.expect("the gateway"), "Some(Gateway)");
    assert_eq!(clients.iter().filter(|c| !c.is_finished()).count(), 8);
    clients.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_26_streams_take_no_place_of_calls() {
    let served = served_within(Limits { calls: 4, calls_per_address: 4, streams: 10, ..Limits::default() }).await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        let answer = served.client(None).get(format!("{}/stream", served.base)).send().await.expect("a stream");
        streams.push(answer);
    }
    assert_eq!(served.peer(None).await.expect("a call"), "None");
    for answer in &mut streams {
        assert!(answer.chunk().await.expect("alive").is_some());
    }
}
