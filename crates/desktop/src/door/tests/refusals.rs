use super::*;

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
    for _ in 0..crate::door::MAX_CONNECTIONS {
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
