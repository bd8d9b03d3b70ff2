mod fake_gateway;
mod window;

use std::time::Duration;

use http::{Method, Request, StatusCode, Version};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::{Door, DoorConfig, DoorError};
use fake_gateway::FakeGateway;
use window::{Window, bare, connect_status, full, get};

const HOST: &str = "payroll.test";

async fn opened() -> (FakeGateway, Door) {
    let gateway = FakeGateway::start().await;
    let door = Door::start(gateway.door_config(&[HOST, "api.payroll.test"])).await.expect("a door");
    (gateway, door)
}

#[tokio::test]
async fn a_request_and_its_answer_pass_whole() {
    let (gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    let request = Request::post("/o/kinloch-hotels/payslips?month=10&x=%2f")
        .header("host", HOST)
        .header("cookie", "__Host-session=abc")
        .header("content-type", "application/json")
        .header("connection", "keep-alive")
        .body(full(r#"{"note":"Grüße"}"#))
        .expect("a request");
    let answer = window.send(request).await;
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_11));
    assert_eq!(answer.headers()["set-cookie"], "__Host-session=abc; Secure; HttpOnly; Path=/");
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(body, r#"{"note":"Grüße"}"#.as_bytes());
    let seen = gateway.last_head();
    assert!(seen.starts_with("POST /o/kinloch-hotels/payslips?month=10&x=%2f HTTP/1.1"), "{seen}");
    for line in ["host: payroll.test", "cookie: __Host-session=abc", "content-type: application/json"] {
        assert!(seen.contains(line), "{line} in {seen}");
    }
}

#[tokio::test]
async fn one_tunnel_serves_many_requests_and_survives_a_closed_gateway_connection() {
    let (gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    for _ in 0..3 {
        assert_eq!(window.send(get(HOST, "/page")).await.into_body().collect().await.expect("body").to_bytes(), "page");
    }
    assert_eq!(gateway.connections(), 1);
    assert_eq!(window.send(get(HOST, "/close")).await.status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(window.send(get(HOST, "/page")).await.status(), StatusCode::OK);
    assert_eq!(gateway.connections(), 2);
}

#[tokio::test]
async fn bodies_stream_in_both_directions() {
    let (_gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    let mut body = window.send(get(HOST, "/stream")).await.into_body();
    let begun = Instant::now();
    let first = body.frame().await.expect("a frame").expect("no error").into_data().expect("data");
    assert_eq!(first, "first");
    assert!(begun.elapsed() < Duration::from_millis(900), "the first part did not wait for the second");
    assert_eq!(body.collect().await.expect("the rest").to_bytes(), "second");

    let mut window = Window::open(&door, HOST).await;
    let (sender, parts) = tokio::sync::mpsc::channel::<&'static str>(1);
    let mut request = get(HOST, "/echo").map(|_| window::channel(parts));
    *request.method_mut() = Method::POST;
    let answering = tokio::spawn(async move { window.send(request).await });
    sender.send("one ").await.expect("taken");
    let mut body = timeout(Duration::from_secs(2), answering).await.expect("in time").expect("answered").into_body();
    let first = body.frame().await.expect("a frame").expect("no error").into_data().expect("data");
    assert_eq!(first, "one ");
    sender.send("two").await.expect("taken");
    drop(sender);
    assert_eq!(body.collect().await.expect("the rest").to_bytes(), "two");
}

#[tokio::test]
async fn an_upgrade_passes_and_close_cuts_it_within_a_second() {
    let (gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    let answer = window.send(socket_request()).await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(answer.headers()["upgrade"], "websocket");
    let mut socket = TokioIo::new(hyper::upgrade::on(answer).await.expect("upgraded"));
    socket.write_all(b"\x81\x02hi").await.expect("written");
    let mut echoed = [0; 4];
    socket.read_exact(&mut echoed).await.expect("echoed");
    assert_eq!(&echoed, b"\x81\x02hi");
    assert_eq!(gateway.open_sockets(), 1);

    door.close();
    let rest = timeout(Duration::from_secs(1), socket.read(&mut echoed)).await.expect("cut within a second");
    assert!(matches!(rest, Ok(0) | Err(_)), "nothing more comes: {rest:?}");
    timeout(Duration::from_secs(1), gateway.until_no_socket()).await.expect("the gateway sees it too");
    assert!(tokio::net::TcpStream::connect(door.address).await.is_err(), "nobody listens any more");
}

fn socket_request() -> Request<window::Body> {
    let mut request = get(HOST, "/live");
    for (name, value) in [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")] {
        request.headers_mut().insert(name, value.parse().expect("a value"));
    }
    request
}

#[tokio::test]
async fn open_sockets_count_as_tunnels() {
    let (_gateway, door) = opened().await;
    let mut sockets = Vec::new();
    for _ in 0..super::MAX_CONNECTIONS {
        let answer = Window::open(&door, HOST).await.send(socket_request()).await;
        sockets.push(hyper::upgrade::on(answer).await.expect("upgraded"));
    }
    assert_eq!(connect_status(&door, "payroll.test:443", Some(&door.secret)).await, 503);
    sockets.clear();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(connect_status(&door, "payroll.test:443", Some(&door.secret)).await, 200);
}

#[tokio::test]
async fn close_cuts_an_answer_that_is_under_way() {
    let (_gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    let mut body = window.send(get(HOST, "/endless")).await.into_body();
    body.frame().await.expect("a frame").expect("no error");
    drop(door);
    let cut = timeout(Duration::from_secs(1), async { while let Some(Ok(_)) = body.frame().await {} }).await;
    assert!(cut.is_ok());
}

#[tokio::test]
async fn only_the_sessions_hosts_on_443() {
    let (gateway, door) = opened().await;
    assert_eq!(connect_status(&door, "api.payroll.test:443", Some(&door.secret)).await, 200);
    for other in [
        "evil.test:443",
        "payroll.test:80",
        "payroll.test:4430",
        "payroll.test.evil.test:443",
        "127.0.0.1:443",
        "[::1]:443",
        "payroll.test.:443",
        "user@payroll.test:443",
    ] {
        let status = connect_status(&door, other, Some(&door.secret)).await;
        assert!(matches!(status, 400 | 403), "{other}: {status}");
    }
    assert_eq!(gateway.connections(), 0);
}

#[tokio::test]
async fn no_secret_a_wrong_secret_and_the_secret_of_another_door_are_refused() {
    let (gateway, door) = opened().await;
    let other = Door::start(gateway.door_config(&[HOST])).await.expect("a door");
    let answer = bare(&door, "CONNECT payroll.test:443 HTTP/1.1\r\nHost: payroll.test:443\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("proxy-authenticate: basic realm="), "{answer}");
    for secret in ["", "wrong", &other.secret, &door.secret[1..], &format!("{}A", door.secret)] {
        assert_eq!(connect_status(&door, "payroll.test:443", Some(secret)).await, 407);
        assert_eq!(connect_status(&door, "evil.test:443", Some(secret)).await, 407, "hosts are not told to strangers");
    }
    assert_eq!(gateway.connections(), 0);
    assert!(!format!("{door:?}").contains(&door.secret));
}

#[tokio::test]
async fn a_window_that_is_asked_for_the_secret_may_answer_on_the_same_connection() {
    let (_gateway, door) = opened().await;
    let mut stream = tokio::net::TcpStream::connect(door.address).await.expect("connects");
    let head = "CONNECT payroll.test:443 HTTP/1.1\r\nHost: payroll.test:443\r\n";
    stream.write_all(format!("{head}\r\n").as_bytes()).await.expect("written");
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.expect("read");
    assert!(answer[..read].starts_with(b"HTTP/1.1 407 ") && answer[..read].ends_with(b"</html>"));
    let authorization = window::basic(&door.secret);
    let again = format!("{head}Proxy-Authorization: {authorization}\r\n\r\n");
    stream.write_all(again.as_bytes()).await.expect("written");
    let read = stream.read(&mut answer).await.expect("read");
    assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
    assert!(!String::from_utf8_lossy(&answer[..read]).to_ascii_lowercase().contains("transfer-encoding"));
}

#[tokio::test]
async fn anything_but_connect_is_refused() {
    let (gateway, door) = opened().await;
    let authorization = window::basic(&door.secret);
    for head in [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned(),
        format!(
            "GET http://payroll.test/ HTTP/1.1\r\nHost: payroll.test\r\nProxy-Authorization: {authorization}\r\n\r\n"
        ),
        format!(
            "POST / HTTP/1.1\r\nHost: payroll.test\r\nProxy-Authorization: {authorization}\r\nContent-Length: 0\r\n\r\n"
        ),
    ] {
        let answer = bare(&door, &head).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    }
    let long = format!("CONNECT payroll.test:443 HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(70_000));
    let answer = bare(&door, &long).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(gateway.connections(), 0);
}

#[tokio::test]
async fn the_secret_never_reaches_the_gateway() {
    let (gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    let mut request = get(HOST, "/page");
    for (name, value) in
        [("proxy-authorization", window::basic(&door.secret)), ("proxy-connection", "keep-alive".into())]
    {
        request.headers_mut().insert(name, value.parse().expect("a value"));
    }
    assert_eq!(window.send(request).await.status(), StatusCode::OK);
    let seen = gateway.last_head().to_ascii_lowercase();
    assert!(seen.contains("host: payroll.test"), "{seen}");
    assert!(!seen.contains("proxy-"), "{seen}");
    assert!(!seen.contains(&door.secret.to_ascii_lowercase()), "{seen}");
}

#[tokio::test]
async fn what_a_tunnel_does_not_carry() {
    let (gateway, door) = opened().await;
    let mut window = Window::open(&door, HOST).await;
    let mut worker = get(HOST, "/sw.js");
    worker.headers_mut().insert("service-worker", "script".parse().expect("a value"));
    assert_eq!(window.send(worker).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(window.send(get("api.payroll.test", "/page")).await.status(), StatusCode::BAD_REQUEST);
    let mut trace = get(HOST, "/page");
    *trace.method_mut() = Method::TRACE;
    assert_eq!(window.send(trace).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(gateway.connections(), 0);
}

#[tokio::test]
async fn a_gateway_that_is_away_or_is_not_ours_gives_a_page_that_says_so() {
    let (gateway, door) = opened().await;
    drop(gateway);
    let mut window = Window::open(&door, HOST).await;
    let answer = window.send(get(HOST, "/page")).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("The gateway cannot be reached"));

    let (ours, theirs) = (FakeGateway::start().await, FakeGateway::start().await);
    let config = DoorConfig { gateway: theirs.address(), ..ours.door_config(&[HOST]) };
    let door = Door::start(config).await.expect("a door");
    let mut window = Window::open(&door, HOST).await;
    assert_eq!(window.send(get(HOST, "/page")).await.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(theirs.connections(), 0, "no request reaches a gateway of another CA");
}

#[tokio::test]
async fn there_is_room_for_64_tunnels() {
    let (_gateway, door) = opened().await;
    let mut windows = Vec::new();
    for _ in 0..super::MAX_CONNECTIONS {
        windows.push(Window::open(&door, HOST).await);
    }
    assert_eq!(connect_status(&door, "payroll.test:443", Some(&door.secret)).await, 503);
    windows.pop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(connect_status(&door, "payroll.test:443", Some(&door.secret)).await, 200);
}

#[tokio::test]
async fn a_door_is_not_opened_on_bad_terms() {
    let gateway = FakeGateway::start().await;
    let config = || gateway.door_config(&[HOST]);
    for bad in [
        DoorConfig { hosts: vec![], ..config() },
        DoorConfig { hosts: vec!["*".into()], ..config() },
        DoorConfig { hosts: vec!["payroll.test:443".into()], ..config() },
        DoorConfig { gateway: "http://127.0.0.1:7442".into(), ..config() },
        DoorConfig { ca_pem: String::new(), ..config() },
        DoorConfig { client_key_pem: "x".into(), ..config() },
        DoorConfig { opened_at: -1000, ..config() },
    ] {
        assert!(matches!(Door::start(bad).await, Err(DoorError::Malformed(_))));
    }
}
