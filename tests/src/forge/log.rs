use std::collections::BTreeMap;

use checkpoint::LogSigner;
use domain::{Digest, UnixMillis};
use merkle::Hash;
use statement::{base64url, sha256};
use wire::audit::Sealed;
use wire::event::{Append, Event, Receipt, Source};
use wire::evidence::ProvenEvent;

use super::fresh_bytes;

/// A transparency log in memory.
pub struct Log {
    name: String,
    seed: [u8; 32],
    signer: LogSigner,
    leaves: Vec<String>,
    sealed: Vec<BTreeMap<String, Sealed>>,
}

impl Log {
    /// An empty log with a fresh key.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).expect("randomness");
        Self::with_seed(name, seed)
    }

    fn with_seed(name: &str, seed: [u8; 32]) -> Self {
        let signer = LogSigner::from_seed(name, &seed).expect("a log name");
        Self { name: name.to_owned(), seed, signer, leaves: Vec::new(), sealed: Vec::new() }
    }

    /// The same log, which its operator may now continue in another way.
    #[must_use]
    pub fn fork(&self) -> Self {
        let fork = Self::with_seed(&self.name, self.seed);
        Self { leaves: self.leaves.clone(), sealed: self.sealed.clone(), ..fork }
    }

    /// The same log as it was with so many entries.
    #[must_use]
    pub fn fork_at(&self, size: u64) -> Self {
        let mut fork = self.fork();
        fork.leaves.truncate(usize::try_from(size).expect("fits"));
        fork.sealed.truncate(fork.leaves.len());
        fork
    }

    /// What others pin.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.signer.verifier_key()
    }

    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Writes an Event down as the audit service does; answers its index.
    pub fn append(&mut self, source: Source, append: &Append, at: UnixMillis) -> u64 {
        let personal: BTreeMap<String, Sealed> = append.personal.iter().map(|(n, v)| (n.clone(), seal(v))).collect();
        let event = Event {
            v: 1,
            at,
            kind: append.kind,
            source,
            organization: append.organization.clone(),
            session: append.session.clone(),
            statements: append.statements.iter().map(sha256).collect(),
            facts: append.facts.clone(),
            sealed: personal.iter().map(|(n, s)| (n.clone(), opened_digest(s))).collect(),
        };
        self.append_leaf(serde_json::to_string(&event).expect("an Event"), personal)
    }

    /// Writes any leaf down.
    pub fn append_leaf(&mut self, leaf: String, personal: BTreeMap<String, Sealed>) -> u64 {
        self.leaves.push(leaf);
        self.sealed.push(personal);
        self.size() - 1
    }

    /// The signed Checkpoint of everything so far.
    #[must_use]
    pub fn checkpoint(&self) -> String {
        self.signer.sign(self.size(), &merkle::root(&self.hashes()))
    }

    /// The signed Checkpoint of the first entries.
    #[must_use]
    pub fn checkpoint_of(&self, size: u64) -> String {
        self.fork_at(size).checkpoint()
    }

    /// The path between two sizes, the smaller first; what is not there yet is left out.
    #[must_use]
    pub fn path(&self, from: u64, to: u64) -> Vec<Digest> {
        let hashes = self.hashes();
        let to = usize::try_from(to).expect("fits").min(hashes.len());
        let from = usize::try_from(from).expect("fits");
        let path = if from < to { merkle::consistency_path(from, &hashes[..to]) } else { Vec::new() };
        path.iter().map(digest).collect()
    }

    /// Proof of an entry under the present Checkpoint.
    #[must_use]
    pub fn receipt(&self, index: u64) -> Receipt {
        let path = merkle::inclusion_path(usize::try_from(index).expect("fits"), &self.hashes());
        Receipt {
            index,
            leaf: self.leaves[usize::try_from(index).expect("fits")].clone(),
            inclusion: path.iter().map(digest).collect(),
            checkpoint: self.checkpoint(),
        }
    }

    /// An entry with its proof and its personal fields opened.
    #[must_use]
    pub fn proven(&self, index: u64) -> ProvenEvent {
        let personal = self.sealed[usize::try_from(index).expect("fits")].clone();
        ProvenEvent { receipt: self.receipt(index), personal }
    }

    fn hashes(&self) -> Vec<Hash> {
        self.leaves.iter().map(|l| merkle::leaf_hash(l.as_bytes())).collect()
    }
}

fn seal(value: &str) -> Sealed {
    Sealed { salt: digest(&fresh_bytes()), value: value.to_owned() }
}

fn opened_digest(sealed: &Sealed) -> Digest {
    let salt = statement::base64url_decode(sealed.salt.as_str()).expect("base64url");
    sha256([salt.as_slice(), sealed.value.as_bytes()].concat())
}

fn digest(bytes: &[u8; 32]) -> Digest {
    base64url(bytes).parse().expect("32 bytes")
}
