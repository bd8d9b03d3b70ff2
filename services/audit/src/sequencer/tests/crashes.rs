use super::*;
use crate::error::StoreError;
use crate::tests::world::{by_hand, check_receipt, private_folder};

fn some() -> Vec<Command> {
    (0..9)
        .map(|n| if n % 4 == 2 { keys(n, &format!("k{n}")) } else { from_broker(unique(n, &format!("u{n}"))) })
        .collect()
}

/// Goes on where the log says it is: what was not committed can be written again, what was cannot.
async fn goes_on(folder: &Path, size: u64) {
    let mut sequencer = begin(folder).await;
    assert_eq!(sequencer.next, size);
    let again = group(&mut sequencer, some()).await;
    assert!(again.iter().all(|r| r.is_ok() == (size == 2)), "{again:?}");
    let more = group(&mut sequencer, vec![from_broker(entry(20)), from_broker(entry(21))]).await;
    for receipt in again.into_iter().flatten().chain(more.into_iter().map(|r| r.expect("appended"))) {
        check_receipt(&signer().verifier(), &receipt);
    }
    drop(sequencer);
    assert_eq!(begin(folder).await.next, 2 + 9 + 2);
}

#[tokio::test]
async fn of_a_group_that_was_not_committed_nothing_stays() {
    for at in ["leaves", "leaf_statements", "personal", "nodes", "heads"] {
        let folder = private_folder();
        let mut sequencer = begin(folder.path()).await;
        group(&mut sequencer, vec![from_broker(entry(18)), from_broker(entry(19))]).await;
        let fails = format!("CREATE TRIGGER fails BEFORE INSERT ON {at} BEGIN SELECT RAISE(ABORT, 'fails'); END");
        sqlx::query(sqlx::AssertSqlSafe(fails)).execute(&mut sequencer.connection).await.expect("made");
        let result = sequencer.group(some()).await;
        assert!(matches!(result, Err(StoreError::Database(_))), "{at}");
        drop(sequencer);
        by_hand(folder.path(), "SELECT 1").await;
        goes_on(folder.path(), 2).await;
    }
}

#[tokio::test]
async fn of_a_group_of_appends_alone_nothing_stays_either() {
    let asks_nothing = || (1..9).map(|n| from_broker(entry(n))).collect();
    let takes = || (0..9).map(|n| from_broker(unique(n, &format!("u{n}")))).collect();
    let groups: [&dyn Fn() -> Vec<Command>; 2] = [&asks_nothing, &takes];
    let tables = ["statements", "leaf_statements", "personal", "leaves", "nodes", "heads"];
    for (at, commands) in tables.into_iter().flat_map(|at| groups.map(|commands| (at, commands))) {
        let folder = private_folder();
        let mut sequencer = begin(folder.path()).await;
        group(&mut sequencer, vec![from_broker(entry(18)), from_broker(entry(19))]).await;
        let fails = format!("CREATE TRIGGER fails BEFORE INSERT ON {at} BEGIN SELECT RAISE(ABORT, 'fails'); END");
        sqlx::query(sqlx::AssertSqlSafe(fails)).execute(&mut sequencer.connection).await.expect("made");
        let result = sequencer.group(commands()).await;
        assert!(matches!(result, Err(StoreError::Database(_))), "{at}");
        drop(sequencer);
        by_hand(folder.path(), "SELECT 1").await;
        goes_on(folder.path(), 2).await;
    }
}

#[tokio::test]
async fn a_group_that_was_committed_stays_whatever_came_of_its_head_s_copy() {
    let folder = private_folder();
    let mut sequencer = begin(folder.path()).await;
    group(&mut sequencer, vec![from_broker(entry(18)), from_broker(entry(19))]).await;
    let copy = folder.path().join("checkpoint");
    let before = std::fs::read(&copy).expect("reads");
    std::fs::remove_file(&copy).expect("removes");
    std::fs::create_dir(&copy).expect("a folder where the file was");
    let result = sequencer.group(some()).await;
    assert!(matches!(result, Err(StoreError::Damaged(what)) if what.contains("copy")));
    drop(sequencer);
    std::fs::remove_dir(&copy).expect("removes");
    std::fs::write(&copy, before).expect("the copy of before");
    goes_on(folder.path(), 2 + 9).await;
}

#[tokio::test]
async fn a_head_s_copy_that_was_cut_while_it_was_written_hides_neither_the_group_nor_a_rollback() {
    let folder = private_folder();
    let mut sequencer = begin(folder.path()).await;
    group(&mut sequencer, vec![from_broker(entry(18))]).await;
    group(&mut sequencer, vec![from_broker(entry(19))]).await;
    let copy = folder.path().join("checkpoint");
    let before = std::fs::read(&copy).expect("reads");
    group(&mut sequencer, some()).await;
    drop(sequencer);
    let after = std::fs::read(&copy).expect("reads");
    let place = (0..after.len()).find(|n| before[*n] != after[*n]).expect("written");
    for cut in [place, place + 1, place + 60, place + 150] {
        std::fs::write(&copy, [&after[..cut], &before[cut..]].concat()).expect("writes");
        assert_eq!(begin(folder.path()).await.next, 2 + 9, "cut at {cut}");
    }
    std::fs::write(&copy, &after).expect("writes");
    // What was acknowledged last is missed even when everything before it is there.
    let last = "DELETE FROM heads WHERE size > 2; DELETE FROM leaves WHERE idx >= 2; \
                DELETE FROM nodes WHERE level > 1 OR idx > 0";
    by_hand(folder.path(), last).await;
    let mut head_file = HeadFile::in_folder(folder.path());
    let mut connection = open_writer(&folder.path().join("audit.sqlite")).await.expect("opens");
    let Err(error) = check(&mut connection, &signer().verifier(), &mut head_file).await else { panic!("it starts") };
    assert!(error.to_string().contains("rolled back"), "{error}");
}

#[tokio::test]
async fn a_disk_that_fills_up_between_the_entries_of_a_group_keeps_none_of_it() {
    let folder = private_folder();
    let mut sequencer = begin(folder.path()).await;
    group(&mut sequencer, vec![from_broker(entry(18)), from_broker(entry(19))]).await;
    let pages = count(&mut sequencer, "PRAGMA page_count").await;
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(limit).execute(&mut sequencer.connection).await.expect("limits");
    // What is taken is written at once; the leaves of the same entries wait.
    let many: Vec<_> = (0..64).map(|n| from_broker(unique(n, &format!("{n:0>250}")))).collect();
    let failed = sequencer.group(many).await.expect_err("no room");
    assert!(failed.is_full() && !sequencer.waiting.is_empty(), "{failed}");
    assert!(sequencer.give_up(64).await.expect("goes on").iter().all(Result::is_err));
    sqlx::query("PRAGMA max_page_count = 1000000").execute(&mut sequencer.connection).await.expect("room");
    let all = group(&mut sequencer, some()).await;
    assert_eq!(all.len(), 9);
    for (receipt, index) in all.into_iter().zip(2..) {
        let receipt = receipt.expect("appended");
        check_receipt(&signer().verifier(), &receipt);
        assert_eq!(receipt.index, index);
    }
    drop(sequencer);
    assert_eq!(begin(folder.path()).await.next, 2 + 9);
}
