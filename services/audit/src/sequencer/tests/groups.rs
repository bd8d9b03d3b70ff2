use domain::{Digest, PersonId};
use statement::{Adoption, sha256};
use wire::event::Source;

use super::*;
use crate::sequencer::{Holder, NewPolicy};
use crate::store;
use crate::tests::world::{by_hand, check_receipt, private_folder};

#[tokio::test]
async fn the_receipts_of_a_group_are_those_that_the_database_makes() {
    let folder = private_folder();
    let mut sequencer = begin(folder.path()).await;
    let mut n = 0;
    for together in [1, 1, 2, 3, 64, 1, 7, 5, 33, 64, 8, 16, 1] {
        let commands = (0..together).map(|i| from_broker(entry(n + i))).collect();
        let receipts = group(&mut sequencer, commands).await;
        let size = sequencer.log.frontier.size();
        for (i, receipt) in receipts.into_iter().enumerate() {
            let receipt = receipt.expect("appended");
            assert_eq!(check_receipt(&signer().verifier(), &receipt).facts["n"], (n + i).to_string());
            let stored = store::receipt(
                &store::Tree::default(),
                &mut sequencer.connection,
                receipt.index,
                size,
                &sequencer.log.note,
            )
            .await;
            assert_eq!(
                serde_json::to_value(&receipt).expect("json"),
                serde_json::to_value(stored.expect("reads")).expect("json")
            );
        }
        n += together;
        assert_eq!(size, n as u64);
    }
    drop(sequencer);
    assert_eq!(begin(folder.path()).await.next, n as u64);
}

#[tokio::test]
async fn what_is_kept_of_the_tree_grows_with_it() {
    let (folder, tree) = (private_folder(), store::Tree::default());
    let mut sequencer = begin(folder.path()).await;
    let mut heads: Vec<(u64, merkle::Hash)> = Vec::new();
    for groups in [17, 16, 32] {
        for _ in 0..groups {
            group(&mut sequencer, (0..64).map(|n| from_broker(entry(n))).collect()).await;
        }
        let (size, root) = (sequencer.log.frontier.size(), sequencer.log.frontier.root());
        heads.push((size, root));
        let connection = &mut sequencer.connection;
        assert_eq!(tree.root_at(connection, size).await.expect("reads"), root);
        for index in [0, 1_023, size / 2, size - 1] {
            let receipt = store::receipt(&tree, connection, index, size, &sequencer.log.note).await;
            check_receipt(&signer().verifier(), &receipt.expect("reads"));
        }
        for (old, before) in heads.iter().filter(|(old, _)| *old < size) {
            let path = tree.consistency(connection, *old, size).await.expect("reads");
            merkle::verify_consistency(*old, size, &path, before, &root).expect("the log only grew");
        }
    }
    by_hand(folder.path(), "DELETE FROM nodes WHERE level = 10 AND idx = 1").await;
    let missing = store::Tree::default().inclusion(&mut sequencer.connection, 0, heads[2].0).await;
    assert!(missing.is_err_and(|error| error.to_string().contains("10/1")));
}

/// Refused behind everything else that may refuse it.
fn too_long(token: &str) -> Append {
    let append = Append { unique: Some(token.to_owned()), ..Append::new(EventKind::CallRefused) };
    (0..32).fold(append, |append, n| append.fact(&format!("f{n}"), "\"".repeat(1024))).statement("only.here")
}

fn of_the_revoked(device: &Digest, token: &str) -> Command {
    let signer = Holder { person: PersonId("p-gone".into()), device: device.clone() };
    Command::Append(Box::new(NewEvent { source: Source::Broker, append: unique(0, token), signer: Some(signer) }))
}

/// Refused behind its own leaf.
fn adoption_of_the_revoked(device: &Digest) -> Command {
    let none = Adoption { text: String::new(), statements: vec![], mfa: vec![], enrols: vec![], pk_tokens: vec![] };
    let signer = Holder { person: PersonId("p-gone".into()), device: device.clone() };
    let event = unique(0, "adopted");
    let policy = NewPolicy { version: 2, digest: sha256("policy"), adoption: none, signers: vec![signer], event };
    Command::Adopt(Box::new(policy))
}

#[tokio::test]
async fn refused_ones_between_others_leave_nothing_behind_and_every_receipt_holds() {
    let folder = private_folder();
    let mut sequencer = begin(folder.path()).await;
    group(&mut sequencer, vec![from_broker(entry(0)), from_broker(entry(1)), from_broker(entry(2))]).await;
    let device: Digest = sha256("a Device that is gone");
    let revoke = sqlx::query("INSERT INTO revoked (subject, idx) VALUES (?, 0)").bind(format!("device:{device}"));
    revoke.execute(&mut sequencer.connection).await.expect("revoked");
    let commands = vec![
        (from_broker(unique(10, "once")), Ok("10")),
        (from_broker(unique(11, "once")), Err("already-taken")),
        (from_broker(entry(12)), Ok("12")),
        (keys(13, "once"), Ok("13")),
        (keys(14, "once"), Err("already-taken")),
        (from_broker(entry(15)), Ok("15")),
        (from_broker(too_long("free")), Err("bad-event")),
        (of_the_revoked(&device, "free"), Err("revoked")),
        (from_broker(entry(16)), Ok("16")),
        (adoption_of_the_revoked(&device), Err("revoked")),
        (from_broker(unique(17, "free")), Ok("17")),
        (from_broker(unique(18, "adopted")), Ok("18")),
        (adoption_of_the_revoked(&device), Err("already-taken")),
        (from_broker(entry(19)), Ok("19")),
    ];
    let (commands, expected): (Vec<_>, Vec<_>) = commands.into_iter().unzip();
    let receipts = group(&mut sequencer, commands).await;
    let mut index = 3;
    for (receipt, expected) in receipts.iter().zip(&expected) {
        match (receipt, expected) {
            (Ok(receipt), Ok(n)) => {
                assert_eq!(check_receipt(&signer().verifier(), receipt).facts["n"], *n);
                assert_eq!((receipt.index, &receipt.checkpoint), (index, &sequencer.log.note));
                index += 1;
            }
            (Err(code), Err(expected)) => assert_eq!(code, expected),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(count(&mut sequencer, "SELECT COUNT(*) FROM leaves").await, 11);
    assert_eq!(count(&mut sequencer, "SELECT COUNT(*) FROM taken").await, 4);
    assert_eq!(count(&mut sequencer, "SELECT COUNT(*) FROM personal").await, 11);
    assert_eq!(count(&mut sequencer, "SELECT COUNT(*) FROM provider_keys").await, 1);
    assert_eq!(count(&mut sequencer, "SELECT COUNT(*) FROM policies").await, 0);
    assert_eq!(
        count(
            &mut sequencer,
            "SELECT COUNT(*) FROM leaf_statements WHERE digest NOT IN (SELECT digest FROM statements)"
        )
        .await,
        0
    );
    assert_eq!(
        count(
            &mut sequencer,
            "SELECT COUNT(*) FROM statements WHERE digest NOT IN (SELECT digest FROM leaf_statements)"
        )
        .await,
        0
    );
    drop(sequencer);
    by_hand(folder.path(), "DELETE FROM revoked").await;
    let mut sequencer = begin(folder.path()).await;
    let receipt = group(&mut sequencer, vec![from_broker(entry(20))]).await.remove(0).expect("appended");
    check_receipt(&signer().verifier(), &receipt);
}

#[tokio::test]
async fn a_group_of_refusals_alone_makes_no_head() {
    let folder = private_folder();
    let mut sequencer = begin(folder.path()).await;
    group(&mut sequencer, vec![from_broker(unique(0, "once"))]).await;
    let note = sequencer.log.note.clone();
    let refused = group(&mut sequencer, vec![from_broker(unique(1, "once")), from_broker(too_long("x"))]).await;
    assert!(refused.iter().all(Result::is_err));
    assert_eq!((sequencer.log.frontier.size(), &sequencer.log.note), (1, &note));
    assert_eq!(count(&mut sequencer, "SELECT COUNT(*) FROM heads").await, 1);
    let refused = vec![from_broker(Append { unique: None, ..too_long("x") })];
    assert!(group(&mut sequencer, refused).await.iter().all(Result::is_err), "without a transaction");
    assert!(group(&mut sequencer, vec![from_broker(entry(2))]).await.iter().all(Result::is_ok));
}
