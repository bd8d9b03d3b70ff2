//! What compresses well is bounded by what it unpacks to.

use recording::{Captured, Frame, MAX_SEGMENT_BYTES, SecretKey};
use statement::sha256;
use wire::audit::{Acknowledged, Frames, TakenGrant};
use wire::event::Receipt;

use super::world::{World, frames, world};
use crate::segmenter::Segmenter;
use crate::store::Objects;

const MIB: usize = 1024 * 1024;

/// One frame of that many zeros.
fn zeros(seq: u64, bytes: usize) -> Frame {
    let mut frame = frames(0, 1).remove(0);
    frame.seq = seq;
    if let Captured::Request { path, .. } = &mut frame.content {
        *path = "0".repeat(bytes);
    }
    frame
}

fn files(w: &World) -> usize {
    std::fs::read_dir(w.folder.path().join("objects/segments")).expect("folder").count()
}

#[test]
fn no_more_than_a_segment_and_a_batch_is_held_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let objects = Objects::in_folder(folder.path()).expect("objects");
    let key = SecretKey::from_bytes(&[9; 32]).expect("32 bytes");
    let mut segmenter = Segmenter::new(key, sha256("a Session").into(), objects, &[]);
    let (mut all, mut largest) = (0, 0);
    for seq in 0..20 {
        let batch = vec![zeros(seq, 2 * MIB)];
        let bytes = serde_json::to_vec(&batch[0]).expect("a frame").len() as u64 + 1;
        (all, largest) = (all + bytes, bytes.max(largest));
        segmenter.take(&batch, bytes).expect("segments");
    }
    let made = segmenter.done().expect("segments");
    assert!(all > 2 * MAX_SEGMENT_BYTES, "it would not fit otherwise");
    assert!(made.most_held <= MAX_SEGMENT_BYTES + largest, "{} were held at once", made.most_held);
    assert_eq!((made.entries.len(), made.repeated), (3, 0));
    assert_eq!(made.entries.iter().map(|entry| entry.frames).sum::<u64>(), 20);
    assert!(made.entries.iter().all(|entry| entry.bytes < 64 * 1024), "they compress well");
}

#[tokio::test]
async fn batches_of_a_few_bytes_become_segments_when_they_unpack_to_one() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let mut sealed = 0;
    for n in 0..17 {
        let batch = w.sealed_batch(&session, n, &[zeros(n, MIB)]);
        sealed += batch.len();
        w.put_batch(&session, n, batch).await.json::<Acknowledged>();
    }
    assert!(sealed < 64 * 1024, "{sealed} bytes came");
    for _ in 0..500 {
        if files(&w) > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(files(&w) > 0, "nobody waits for 300 s with that in store");
    w.end(&session, 17).await.json::<Receipt>();
    let shown: Frames = w.get_person(&w.ines, &format!("/v1/sessions/{session}/frames?stream=exchanges")).await.json();
    assert_eq!((shown.frames.len(), shown.next), (15, Some(15)), "a page, and where it goes on");
}

#[tokio::test]
async fn what_cannot_become_a_segment_yet_is_read_batch_by_batch() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    // The first batch is missing, so that the others stay as they came.
    for n in 1..=10 {
        w.batch(&session, n, &[zeros(n, 2 * MIB)]).await.json::<Acknowledged>();
    }
    let path = format!("/v1/sessions/{session}/frames?stream=exchanges");
    let first: Frames = w.get_person(&w.ines, &path).await.json();
    assert_eq!((first.frames.len(), first.next, files(&w)), (7, Some(8), 0));
    let second: Frames = w.get_person(&w.ines, &format!("{path}&from=8")).await.json();
    assert_eq!((second.frames.len(), second.next), (3, None));
    let grant = format!("/v1/grants/{}", sha256(&case.bundle.request));
    let taken: TakenGrant = w.get_as(serve::Service::Gateway, &grant).await.json();
    assert_eq!((taken.recording.next_batch, taken.next_frame), (0, 11));
    w.batch(&session, 0, &[zeros(0, 10)]).await.json::<Acknowledged>();
    w.end(&session, 11).await.json::<Receipt>();
    assert_eq!(w.get_person(&w.ines, &path).await.json::<Frames>().frames.len(), 8, "the small one and seven");
}

#[tokio::test]
async fn frames_that_become_a_segment_while_they_are_read_are_not_missed() {
    let w = world().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    for round in 0..40 {
        let (session, _, _) = w.session().await;
        for n in 0..8 {
            w.batch(&session, n, &frames(n * 5, 5)).await.json::<Acknowledged>();
        }
        let row = audit.reader.session(&session).await.expect("reads").expect("there");
        // Reading begins a little later into the folding each time.
        let folding = async {
            audit.fold(&row, false).await.map_err(|p| p.code().to_owned()).expect("folds");
        };
        let reading = async {
            tokio::time::sleep(std::time::Duration::from_micros(round * 500)).await;
            audit.frames(&row, 0, |_| true).await.map_err(|p| p.code().to_owned())
        };
        let ((), read) = futures_util::future::join(folding, reading).await;
        assert_eq!(read.expect("reads").0, frames(0, 40), "round {round}");
    }
}
