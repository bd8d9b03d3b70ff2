//! A Recording that was destroyed by retention: said calmly when the log says so, and believed of nobody else.

use merkle::{leaf_hash, node_hash};

use super::kept::{leaf, signer};
use super::*;

const AT: i64 = NOW + 366 * 24 * 3600;

/// The same Session in a log that has gone on, with an entry that names `manifest`.
fn expired(kept: &Kept, manifest: &Digest, at: i64) -> SessionDetail {
    let mut detail = kept.detail.clone();
    let facts = [("manifest", manifest.to_string()), ("at", at.to_string())];
    let gone = leaf(EventKind::RecordingExpired, &kept.id, Vec::new(), &facts);
    let leaves = [detail.opened.leaf.clone(), detail.sealed.clone().unwrap().leaf, gone];
    let hashes = leaves.each_ref().map(|leaf| leaf_hash(leaf.as_bytes()));
    let left = node_hash(&hashes[0], &hashes[1]);
    let checkpoint = signer().sign(3, &node_hash(&left, &hashes[2]));
    let paths = [vec![hashes[1], hashes[2]], vec![hashes[0], hashes[2]], vec![left]];
    let receipts: Vec<Receipt> = (0..)
        .zip(leaves.into_iter().zip(paths))
        .map(|(index, (leaf, path))| {
            let inclusion = path.iter().map(|hash| statement::base64url(hash).parse().unwrap()).collect();
            Receipt { index, leaf, inclusion, checkpoint: checkpoint.clone() }
        })
        .collect();
    (detail.opened, detail.sealed) = (receipts[0].clone(), Some(receipts[1].clone()));
    (detail.expired, detail.summary.expired_at) = (Some(receipts[2].clone()), Some(AT));
    let mut stored = kept.stored();
    (stored.note, stored.entries) = (checkpoint, receipts);
    detail
}

#[tokio::test]
async fn r_14_what_the_log_says_is_destroyed_is_shown_as_that() {
    let kept = kept().await;
    let manifest = manifest_digest(kept.detail.manifest.as_ref().unwrap());
    let detail = expired(&kept, &manifest, AT);
    let proof = kept.proof(&detail).await;
    assert!(proof.verified, "the Session is proven as before: {}", proof.detail);
    let view = kept.replay_of(&detail).await;
    assert_eq!((view.check, view.exchanges.len()), (RecordingCheck::Destroyed, 0), "{}", view.detail);
    assert!(!kept.stored().asked.iter().any(|path| path.contains("segments")), "nobody asks for what is gone");
}

#[tokio::test]
async fn r_14_nobody_s_word_destroys_a_recording() {
    let kept = kept().await;
    let mut said = kept.detail.clone();
    said.summary.expired_at = Some(AT);
    let mut borrowed = said.clone();
    borrowed.expired.clone_from(&said.sealed);
    for detail in [said, borrowed] {
        assert!(!kept.proof(&detail).await.verified, "without an entry that says so");
        assert_eq!(kept.replay_of(&detail).await.check, RecordingCheck::DoesNotMatch);
    }
}

#[tokio::test]
async fn r_14_the_entry_is_about_this_recording_and_this_moment() {
    for (manifest, at) in [(Some("another"), AT), (None, AT + 1)] {
        let kept = kept().await;
        let own = manifest_digest(kept.detail.manifest.as_ref().unwrap());
        let detail = expired(&kept, &manifest.map_or(own, sha256), at);
        assert!(!kept.proof(&detail).await.verified);
        assert_eq!(kept.replay_of(&detail).await.check, RecordingCheck::DoesNotMatch);
    }
}
