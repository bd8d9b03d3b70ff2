//! What has to hold, read from the log itself after every step.

use std::collections::HashMap;

use checkpoint::{Checkpoint, LogVerifier};
use domain::{Digest, SessionId};
use merkle::Hash;
use statement::base64url_decode;
use wire::audit::{Consistency, Inclusion};
use wire::event::{Event, EventKind, Receipt};

use super::company::World;
use super::grants::{Grant, Kind};

/// What the policy allows a Session that may write, from its start to its end, in seconds.
pub const MOST: i64 = 3600;

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

    /// No opening and no extension without two persons, none of a request that was over, none twice, none with more time
    /// than was granted, and none of them as the other.
    pub fn check(&self, grants: &[Grant]) {
        let mut opened: HashMap<Digest, usize> = HashMap::new();
        let mut open: HashMap<SessionId, Times> = HashMap::new();
        let mut over: Vec<String> = Vec::new();
        for (index, leaf) in self.leaves.iter().enumerate() {
            let event: Event = serde_json::from_str(leaf).expect("an Event");
            match event.kind {
                EventKind::RequestWithdrawn => over.extend(event.facts.get("request").cloned()),
                EventKind::SessionOpened => {
                    let grant = granted(grants, &event, index, &over);
                    assert!(grant.extends.is_none(), "entry {index} opens a Session with what extends one");
                    let times = Times { opened_at: time(&event, "opened-at"), ends_at: time(&event, "ends-at") };
                    let lasts = times.ends_at - times.opened_at;
                    assert!(lasts <= grant.seconds, "entry {index} opens for longer than was granted");
                    open.insert(event.session.clone().expect("a Session"), times);
                    once(&mut opened, grant, index);
                }
                EventKind::SessionExtended => {
                    let grant = granted(grants, &event, index, &over);
                    let session = event.session.as_ref().expect("a Session");
                    let extends = grant.extends.as_ref().expect("a request that extends");
                    assert_eq!(extends.session, *session, "entry {index} extends another Session than was signed");
                    let times = open.get_mut(session).unwrap_or_else(|| panic!("entry {index} extends what is over"));
                    let ends_at = time(&event, "ends-at");
                    assert!(time(&event, "extended-at") < times.ends_at, "entry {index} extends after the end");
                    assert!(extends.ends_at <= times.ends_at, "entry {index} adds more than its approver read");
                    let most = grant.seconds.min(MOST);
                    let signed = ends_at <= times.ends_at || ends_at - times.opened_at <= most;
                    assert!(signed, "entry {index} extends past what two persons signed, or past the cap");
                    times.ends_at = times.ends_at.max(ends_at);
                    once(&mut opened, grant, index);
                }
                EventKind::SessionEnded | EventKind::RecordingSealed => {
                    event.session.as_ref().map(|session| open.remove(session));
                }
                _ => {}
            }
        }
    }
}

/// When a Session began and when it has to end, as the log says.
struct Times {
    opened_at: i64,
    ends_at: i64,
}

fn time(event: &Event, name: &str) -> i64 {
    event.facts[name].parse().expect("a time")
}

/// What an entry lets count was signed by two persons and was not over.
fn granted<'a>(grants: &'a [Grant], event: &Event, index: usize, over: &[String]) -> &'a Grant {
    let of = grants.iter().find(|g| event.statements.contains(&g.request));
    let grant = of.unwrap_or_else(|| panic!("entry {index} lets count what nobody asked for"));
    assert_eq!(grant.kind, Kind::Right, "entry {index} counts without two persons' signatures");
    assert!(!over.iter().any(|o| o == grant.request.as_str()), "entry {index} lets count what was over");
    grant
}

fn once(counted: &mut HashMap<Digest, usize>, grant: &Grant, index: usize) {
    let times = counted.entry(grant.request.clone()).or_default();
    *times += 1;
    assert_eq!(*times, 1, "entry {index} lets a Grant count again");
}
