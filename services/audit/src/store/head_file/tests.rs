use checkpoint::LogSigner;

use super::*;

const ROOT: [u8; 32] = [3; 32];

fn signer() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[5; 32]).expect("signer")
}

fn size_in(folder: &Path) -> Result<Option<u64>, StoreError> {
    let head = HeadFile::in_folder(folder).read(&signer().verifier())?;
    Ok(head.map(|head| head.size))
}

/// The file after heads of these sizes, each written by a start of its own when `restarting`.
async fn written(folder: &Path, sizes: &[u64], restarting: bool) {
    let mut file = HeadFile::in_folder(folder);
    for size in sizes {
        if restarting {
            file = HeadFile::in_folder(folder);
            file.read(&signer().verifier()).expect("reads");
        }
        file.prepare().expect("room");
        file.write(&signer().sign(*size, &ROOT)).await.expect("written");
    }
}

#[tokio::test]
async fn the_last_head_is_the_one_that_is_read() {
    for restarting in [false, true] {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(size_in(folder.path()).expect("nothing yet"), None);
        for (n, size) in [1, 2, 66, 67, 1_000_000].into_iter().enumerate() {
            written(folder.path(), &[size], restarting || n == 0).await;
            if restarting {
                assert_eq!(size_in(folder.path()).expect("whole"), Some(size));
            }
        }
        let folder = tempfile::tempdir().expect("folder");
        written(folder.path(), &[1, 2, 66, 67], restarting).await;
        assert_eq!(size_in(folder.path()).expect("whole"), Some(67));
    }
}

#[tokio::test]
async fn a_write_that_was_cut_anywhere_leaves_the_head_before_it() {
    for sizes in [&[7_u64, 8, 9][..], &[7, 8, 9, 10], &[9_999, 10_000]] {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("checkpoint");
        let (last, before) = sizes.split_last().expect("some");
        written(folder.path(), before, false).await;
        let old = std::fs::read(&path).expect("reads");
        written(folder.path(), &[*last], true).await;
        let new = std::fs::read(&path).expect("reads");
        let changed: Vec<usize> = (0..new.len()).filter(|n| old[*n] != new[*n]).collect();
        let (first, end) = (changed[0], changed[changed.len() - 1] + 1);
        assert!(first / PLACE == (end - 1) / PLACE, "one place is written");
        for cut in first..end {
            std::fs::write(&path, [&new[..cut], &old[cut..]].concat()).expect("writes");
            assert_eq!(size_in(folder.path()).expect("the other is whole"), before.last().copied(), "{cut}");
        }
        for cut in first + 1..end {
            std::fs::write(&path, [&old[..cut], &new[cut..]].concat()).expect("writes");
            assert_eq!(size_in(folder.path()).expect("the other is whole"), before.last().copied(), "{cut}");
        }
        // The next head takes the place of the one that was cut, never the whole one's.
        written(folder.path(), &[*last], true).await;
        assert_eq!(std::fs::read(&path).expect("reads"), new);
    }
}

#[tokio::test]
async fn a_file_of_one_note_is_read_and_keeps_it_until_the_second_head_after_it() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("checkpoint");
    std::fs::write(&path, signer().sign(5, &ROOT)).expect("writes");
    let mut file = HeadFile::in_folder(folder.path());
    assert_eq!(file.read(&signer().verifier()).expect("reads").map(|head| head.size), Some(5));
    file.prepare().expect("room");
    assert_eq!(size_in(folder.path()).expect("reads"), Some(5));
    file.write(&signer().sign(6, &ROOT)).await.expect("written");
    let bytes = std::fs::read(&path).expect("reads");
    assert!(bytes.starts_with(signer().sign(5, &ROOT).as_bytes()));
    assert_eq!((bytes.len(), size_in(folder.path()).expect("reads")), (PLACES * PLACE, Some(6)));
}

#[tokio::test]
async fn a_file_without_a_whole_head_or_of_another_key_is_damaged() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("checkpoint");
    written(folder.path(), &[1, 2], false).await;
    let whole = std::fs::read(&path).expect("reads");
    let mut cut = whole.clone();
    cut[10] ^= 1;
    cut[PLACE + 10] ^= 1;
    let other = LogSigner::from_seed("countersign.test/log", &[6; 32]).expect("signer").sign(9, &ROOT);
    for bytes in [cut, other.into_bytes(), vec![1; PLACES * PLACE], b"\xff\xfe".to_vec()] {
        std::fs::write(&path, bytes).expect("writes");
        assert!(matches!(size_in(folder.path()), Err(StoreError::Damaged(_))));
    }
    std::fs::write(&path, [&whole[..], &whole[..PLACE]].concat()).expect("writes");
    assert!(matches!(HeadFile::in_folder(folder.path()).prepare(), Err(StoreError::Damaged(_))), "three places");
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_made_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut file = HeadFile::in_folder(folder.path());
    file.prepare().expect("room");
    file.write(&signer().sign(1, &ROOT)).await.expect("written");
    std::fs::remove_file(folder.path().join("checkpoint")).expect("removes");
    file.prepare().expect("it was made once");
    assert!(matches!(file.write(&signer().sign(2, &ROOT)).await, Err(StoreError::Damaged(_))));
}
