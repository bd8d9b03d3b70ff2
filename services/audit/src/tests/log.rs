use axum::http::StatusCode;
use serve::Service;
use wire::audit::Time;
use wire::event::{Append, EventKind, Receipt, Source};

use super::world::{NOW, bare, check_receipt, hash, world};

pub fn refused(n: u32) -> Append {
    Append::new(EventKind::CallRefused).fact("code", format!("code-{n}")).personal("person", format!("p-{n}"))
}

#[tokio::test]
async fn an_append_is_in_the_log_when_it_is_acknowledged() {
    let w = bare().await;
    for n in 0..20 {
        let receipt = w.append(&refused(n)).await;
        let event = check_receipt(&w.verifier(), &receipt);
        assert_eq!(receipt.index, u64::from(n) + 1, "behind log-started");
        assert_eq!((event.kind, event.source, event.v), (EventKind::CallRefused, Source::Broker, 1));
        assert_eq!(event.facts["code"], format!("code-{n}"));
        assert!(!receipt.leaf.contains(&format!("p-{n}\"")), "no personal field in the clear");
        assert_eq!(w.head().await.size, receipt.index + 1);
    }
}

#[tokio::test]
async fn appends_together_share_heads_and_every_size_has_one() {
    let w = bare().await;
    let appends: Vec<Append> = (0..200).map(refused).collect();
    let receipts: Vec<Receipt> = futures_util::future::join_all(appends.iter().map(|a| w.append(a))).await;
    let mut indexes: Vec<u64> = receipts.iter().map(|r| r.index).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, (1..=200).collect::<Vec<_>>());
    let mut roots = std::collections::BTreeMap::new();
    for receipt in &receipts {
        check_receipt(&w.verifier(), receipt);
        let head = w.verifier().open(&receipt.checkpoint).expect("signed");
        assert_eq!(*roots.entry(head.size).or_insert(head.root), head.root, "two heads of one size");
    }
    assert!(roots.len() < 200, "some were written together");
    assert_eq!(w.head().await.size, 201);
}

#[tokio::test]
async fn what_is_unique_is_taken_once() {
    let w = bare().await;
    let mut append = refused(0);
    append.unique = Some("request/x".into());
    w.append(&append).await;
    let again = w.post_as(Service::Broker, "/v1/events", &append).await;
    assert_eq!(again.problem(), (409, "already-taken".into()));
    assert_eq!(w.head().await.size, 2, "a refused append leaves no leaf");
    let many = futures_util::future::join_all((0..50).map(|_| async {
        let mut append = refused(1);
        append.unique = Some("request/y".into());
        w.post_as(Service::Broker, "/v1/events", &append).await.status
    }))
    .await;
    assert_eq!(many.iter().filter(|s| **s == StatusCode::OK).count(), 1);
    let w = w.restart().await;
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &append).await.problem().1, "already-taken");
}

#[tokio::test]
async fn l_05_time_never_goes_back() {
    let w = bare().await;
    let at = |r: &Receipt| check_receipt(&w.verifier(), r).at;
    let first = at(&w.append(&refused(0)).await);
    assert_eq!(first, NOW * 1000);
    w.clock.advance(-3);
    assert_eq!(at(&w.append(&refused(1)).await), first, "a small step back: time stands still");
    w.clock.advance(-3600);
    let answer = w.post_as(Service::Broker, "/v1/events", &refused(2)).await;
    assert_eq!(answer.problem(), (503, "clock-behind".into()));
    assert_eq!(w.head().await.size, 3);
    w.clock.advance(3700);
    assert_eq!(at(&w.append(&refused(3)).await), (NOW + 97) * 1000);
    let time: Time = w.get("/v1/time").await.json();
    assert_eq!(time.now, (NOW + 97) * 1000);
}

#[tokio::test]
async fn l_08_bad_entries_are_refused_and_the_good_beside_them_stay() {
    let w = bare().await;
    let long = "a".repeat(2000);
    let bad = [
        Append::new(EventKind::CallRefused).fact("code", "two\nlines"),
        Append::new(EventKind::CallRefused).fact("code", "\u{1b}[2J"),
        Append::new(EventKind::CallRefused).fact("Code", "x"),
        Append::new(EventKind::CallRefused).fact("", "x"),
        Append::new(EventKind::CallRefused).fact("code", long.clone()),
        Append::new(EventKind::CallRefused).personal("person", "a\u{7f}b"),
        Append::new(EventKind::CallRefused).personal("person", long.repeat(5)),
        Append::new(EventKind::CallRefused).statement(""),
        Append::new(EventKind::CallRefused).statement("a b"),
        Append::new(EventKind::CallRefused).statement(long.repeat(9)),
        (0..40).fold(Append::new(EventKind::CallRefused), |a, n| a.fact(&format!("f{n}"), "x")),
        (0..40).fold(Append::new(EventKind::CallRefused), |a, n| a.statement(format!("s{n}"))),
    ];
    let (bad, good) = futures_util::future::join(
        futures_util::future::join_all(bad.iter().map(|b| w.post_as(Service::Broker, "/v1/events", b))),
        futures_util::future::join_all((0..10).map(|n| {
            let w = &w;
            async move { w.append(&refused(n)).await }
        })),
    )
    .await;
    for (n, answer) in bad.iter().enumerate() {
        assert_eq!(answer.problem(), (400, "bad-event".into()), "{n}");
    }
    for receipt in &good {
        check_receipt(&w.verifier(), receipt);
    }
    assert_eq!(w.head().await.size, 11 + 12, "each refusal is an entry");
    for body in [&b"{}"[..], b"", b"\xff\xfe", b"[1]", br#"{"kind":"call-refused","extra":1}"#] {
        let answer = w.post_as(Service::Broker, "/v1/events", &String::from_utf8_lossy(body)).await;
        assert_eq!(answer.problem().0, 400);
    }
    let huge = Append::new(EventKind::CallRefused).personal("person", "a".repeat(16 * 1024 * 1024));
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &huge).await.problem(), (413, "too-large".into()));
    let w = w.restart().await;
    assert_eq!(w.head().await.size, 11 + 12 + 6);
}

#[tokio::test]
async fn nobody_writes_what_is_not_theirs() {
    let w = bare().await;
    let answer = w.post_as(Service::Gateway, "/v1/events", &Append::new(EventKind::Approved)).await;
    assert_eq!(answer.problem(), (403, "other-service".into()));
    for kind in [EventKind::SessionOpened, EventKind::RecordingSealed, EventKind::ReviewSigned, EventKind::LogStarted] {
        for service in [Service::Broker, Service::Gateway, Service::Audit] {
            let answer = w.post_as(service, "/v1/events", &Append::new(kind)).await;
            assert_eq!(answer.problem(), (403, "other-service".into()), "{kind:?}");
        }
    }
    let mut grant = refused(0);
    grant.unique = Some("grant/anything".into());
    assert_eq!(w.post_as(Service::Broker, "/v1/events", &grant).await.problem().1, "other-service");
    assert_eq!(w.head().await.size, 1 + 14, "nothing but the refusals");
}

#[tokio::test]
async fn the_log_is_listed_newest_first_with_its_fields_opened() {
    let w = world().await;
    for n in 0..5 {
        w.append(&refused(n)).await;
    }
    let page: wire::audit::Events = w.get_person(&w.ines, "/v1/events?limit=2").await.json();
    assert_eq!(page.events.len(), 2);
    let newest = &page.events[0];
    assert_eq!((newest.index, newest.personal["person"].value.as_str()), (page.size - 1, "p-4"));
    let salted = [hash(&newest.personal["person"].salt).as_slice(), b"p-4"].concat();
    assert_eq!(newest.event.sealed["person"], statement::sha256(salted));
    let next: wire::audit::Events =
        w.get_person(&w.ines, &format!("/v1/events?before={}", page.events[1].index)).await.json();
    assert_eq!(next.events[0].index, page.events[1].index - 1);
    assert_eq!(w.get_person(&w.mara, "/v1/events").await.problem(), (403, "missing-role".into()));
}
