use super::*;

const QUICK: Patience = Patience {
    head: Duration::from_secs(5),
    idle: Duration::from_secs(5),
    pause: Duration::from_millis(300),
    body: Duration::from_millis(900),
};

async fn dripping(framing: &str, every: Duration) -> (Result<Bytes, ReadError>, Duration) {
    let (mut person, here) = tokio::io::duplex(64);
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n");
    let began = Instant::now();
    tokio::spawn(async move {
        let _ = person.write_all(head.as_bytes()).await;
        while person.write_all(b"1\r\na\r\n").await.is_ok() {
            tokio::time::sleep(every).await;
        }
    });
    let mut connection = Connection::new(here, QUICK);
    let head = connection.head().await.unwrap().unwrap();
    (connection.body(&head, 1_000_000).await, began.elapsed())
}

#[tokio::test]
async fn g_29_a_body_that_drips_ends_however_steadily() {
    assert!(Patience::USUAL.body < Duration::from_secs(180) && Patience::USUAL.pause < Patience::USUAL.body);
    for framing in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let (read, took) = dripping(framing, Duration::from_millis(100)).await;
        assert!(matches!(read, Err(ReadError::TooSlow)), "{framing}");
        assert!(took >= QUICK.body && took < 2 * QUICK.body, "{framing}: {took:?}");
        let (read, took) = dripping(framing, Duration::from_secs(10)).await;
        assert!(matches!(read, Err(ReadError::TooSlow)), "{framing}");
        assert!(took >= QUICK.pause && took < QUICK.body, "{framing}: {took:?}");
    }
}
