//! The log as it is read after every step: it grew and nothing else, and what it acknowledged stands in it.

use checkpoint::{Checkpoint, LogVerifier};
use domain::{Digest, SessionId};
use merkle::Hash;
use statement::base64url_decode;
use wire::audit::{Consistency, Inclusion};
use wire::event::{Event, EventKind, Receipt};

use super::company::World;
use super::grants::Grant;
use super::story::Story;
use super::taken::Taken;

/// What was seen of the log so far.
pub struct Seen {
    verifier: LogVerifier,
    head: Option<Checkpoint>,
    leaves: Vec<String>,
    /// Every receipt that the audit service gave out.
    receipts: Vec<Receipt>,
}

fn hash(digest: &Digest) -> Hash {
    base64url_decode(digest.as_str()).expect("base64url").try_into().expect("32 bytes")
}

impl Seen {
    pub fn new(world: &World) -> Self {
        let verifier = LogVerifier::parse(&world.site.company.trust.log_key).expect("a key");
        Self { verifier, head: None, leaves: Vec::new(), receipts: Vec::new() }
    }

    /// The audit service said that this is written down.
    pub fn acknowledged(&mut self, receipt: Receipt) {
        let head = self.verifier.open(&receipt.checkpoint).expect("a signed head");
        let path: Vec<Hash> = receipt.inclusion.iter().map(hash).collect();
        let leaf = merkle::leaf_hash(receipt.leaf.as_bytes());
        merkle::verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root).expect("proven");
        self.receipts.push(receipt);
    }

    /// Reads what the log has grown by. It grew, and nothing else; and it holds what it acknowledged.
    pub async fn read(&mut self, world: &World) {
        let note = world.broker.get_text("/checkpoint").await.expect("a head");
        let head = self.verifier.open(&note).expect("a signed head");
        if let Some(before) = &self.head {
            let path = format!("/v1/consistency?from={}&to={}", before.size, head.size);
            let proof: Consistency = world.broker.get_json(&path).await.expect("a proof");
            let path: Vec<Hash> = proof.path.iter().map(hash).collect();
            merkle::verify_consistency(before.size, head.size, &path, &before.root, &head.root)
                .expect("the log only grows");
        }
        for index in self.leaves.len() as u64..head.size {
            let path = format!("/v1/inclusion?index={index}&size={}", head.size);
            let proven: Inclusion = world.broker.get_json(&path).await.expect("a proof");
            let path: Vec<Hash> = proven.path.iter().map(hash).collect();
            let leaf = merkle::leaf_hash(proven.leaf.as_bytes());
            merkle::verify_inclusion(index, head.size, &leaf, &path, &head.root).expect("in the log");
            self.leaves.push(proven.leaf);
        }
        self.head = Some(head);
        for receipt in &self.receipts {
            let kept = usize::try_from(receipt.index).ok().and_then(|n| self.leaves.get(n));
            assert_eq!(kept, Some(&receipt.leaf), "an acknowledged entry is not in the log");
        }
    }

    /// Whether the log says that this Session's Recording is sealed.
    pub fn is_sealed(&self, session: &SessionId) -> bool {
        let events = self.leaves.iter().filter_map(|leaf| serde_json::from_str::<Event>(leaf).ok());
        events.filter(|e| e.kind == EventKind::RecordingSealed).any(|e| e.session.as_ref() == Some(session))
    }

    /// Whether the log has this revocation.
    pub fn is_revoked_by(&self, taken: &Taken) -> bool {
        let events = self.leaves.iter().filter_map(|leaf| serde_json::from_str::<Event>(leaf).ok());
        events.filter(|e| e.kind == EventKind::Revoked).any(|e| e.statements.contains(&taken.statement))
    }

    /// Every entry in its place, as [`Story`] says.
    pub fn check(&self, grants: &[Grant], revocations: &[Taken]) {
        let mut story = Story::of(grants, revocations);
        for (index, leaf) in self.leaves.iter().enumerate() {
            story.goes_on(index, &serde_json::from_str(leaf).expect("an Event"));
        }
    }
}
