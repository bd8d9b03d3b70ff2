use super::*;

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
