use serve::Service;
use wire::audit::{Consistency, Inclusion};

use super::log::refused;
use super::world::{bare, hash};

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
    let head = w.head().await;
    let good: Inclusion = w.get_as(Service::Broker, "/v1/inclusion?index=1&size=2").await.json();
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
