use axum::http::StatusCode;
use serve::Service;
use wire::audit::{Consistency, Inclusion, Time};
use wire::event::{Append, EventKind, Receipt, Source};

use super::world::{NOW, bare, check_receipt, hash, world};

fn refused(n: u32) -> Append {
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
async fn every_head_is_consistent_with_every_later_one() {
    let w = bare().await;
    let mut heads = vec![w.head().await];
    for n in 0..12 {
        w.append(&refused(n)).await;
        heads.push(w.head().await);
    }
    let w = w.restart().await;
    w.append(&refused(99)).await;
    heads.push(w.head().await);
    for from in &heads {
        for to in heads.iter().filter(|to| to.size >= from.size) {
            let path = format!("/v1/consistency?from={}&to={}", from.size, to.size);
            let proof: Consistency = w.get(&path).await.json();
            let path: Vec<_> = proof.path.iter().map(hash).collect();
            merkle::verify_consistency(from.size, to.size, &path, &from.root, &to.root).expect("consistent");
        }
    }
}

#[tokio::test]
async fn l_09_a_proof_of_something_that_is_not_there() {
    let w = bare().await;
    w.append(&refused(0)).await;
    let good: Inclusion = w.get_as(Service::Broker, "/v1/inclusion?index=1&size=2").await.json();
    let head = w.head().await;
    let path: Vec<_> = good.path.iter().map(hash).collect();
    merkle::verify_inclusion(1, 2, &merkle::leaf_hash(good.leaf.as_bytes()), &path, &head.root).expect("in the log");
    for bad in ["index=2&size=2", "index=0&size=0", "index=0&size=1000", "index=0&size=9223372036854775808"] {
        let answer = w.get_as(Service::Broker, &format!("/v1/inclusion?{bad}")).await;
        assert_eq!(answer.problem(), (404, "no-entry".into()), "{bad}");
    }
    for bad in ["from=2&to=1", "from=0&to=1000", "from=1&to=18446744073709551615"] {
        let answer = w.get(&format!("/v1/consistency?{bad}")).await;
        assert_eq!(answer.problem(), (404, "no-entry".into()), "{bad}");
    }
    for bad in ["from=-1&to=1", "from=1", "", "from=1&to=2&x=3", "from=99999999999999999999&to=1"] {
        assert_eq!(w.get(&format!("/v1/consistency?{bad}")).await.problem().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn tiles_are_what_c2sp_says() {
    let w = bare().await;
    for n in 0..3 {
        futures_util::future::join_all((0..100).map(|m| {
            let w = &w;
            async move { w.append(&refused(n * 100 + m)).await }
        }))
        .await;
    }
    let head = w.head().await;
    assert_eq!(head.size, 301);
    let full = w.get_as(Service::Gateway, "/tile/0/000").await.body;
    let rest = w.get_as(Service::Gateway, "/tile/0/001.p/45").await.body;
    assert_eq!((full.len(), rest.len()), (256 * 32, 45 * 32));
    let leaves: Vec<merkle::Hash> =
        full.chunks(32).chain(rest.chunks(32)).map(|h| h.try_into().expect("32 bytes")).collect();
    assert_eq!(merkle::root(&leaves), head.root);
    let above = w.get_as(Service::Gateway, "/tile/1/000.p/1").await.body;
    assert_eq!(above, merkle::root(&leaves[..256]));
    let entries = w.get_as(Service::Gateway, "/tile/entries/001.p/45").await.body;
    let (mut at, mut count) = (0, 0);
    while at < entries.len() {
        let length = usize::from(u16::from_be_bytes([entries[at], entries[at + 1]]));
        assert_eq!(merkle::leaf_hash(&entries[at + 2..at + 2 + length]), leaves[256 + count]);
        at += 2 + length;
        count += 1;
    }
    assert_eq!(count, 45);
    for beyond in ["0/001", "0/001.p/60", "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "entries/001", "x/000", "0/1"]
    {
        assert_eq!(w.get_as(Service::Gateway, &format!("/tile/{beyond}")).await.problem().0, 404, "{beyond}");
    }
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

#[tokio::test]
async fn l_04_an_old_head_is_not_the_log_s_head_again() {
    let w = bare().await;
    let mut sizes = vec![w.head().await.size];
    let old = w.head().await;
    for n in 0..3 {
        w.append(&refused(n)).await;
        sizes.push(w.head().await.size);
    }
    let w = w.restart().await;
    sizes.push(w.head().await.size);
    assert!(sizes.is_sorted(), "{sizes:?}");
    let new = w.head().await;
    // Who keeps the newer head and is shown the older one asks for a proof backwards, and gets none.
    let answer = w.get(&format!("/v1/consistency?from={}&to={}", new.size, old.size)).await;
    assert_eq!(answer.problem(), (404, "no-entry".into()));
    assert!(merkle::verify_consistency(new.size, old.size, &[], &new.root, &old.root).is_err());
}
