use super::*;

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
    for _ in 0..crate::door::MAX_CONNECTIONS {
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
