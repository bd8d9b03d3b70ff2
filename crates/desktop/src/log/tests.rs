use std::sync::Mutex as StdMutex;

use checkpoint::LogSigner;
use domain::FixedClock;
use merkle::Hash;
use wire::audit::Consistency;

use super::*;
use crate::fake::Fake;
use crate::view::LogVerdict;

/// A log that can be told to lie.
struct Log {
    signer: LogSigner,
    leaves: Vec<Hash>,
    /// Shown instead of the true Checkpoint.
    shown: Option<String>,
    /// What another process of the profile writes while the next Checkpoint is on its way.
    meanwhile: Option<(PathBuf, Vec<u8>)>,
}

struct Desk {
    log: Arc<StdMutex<Log>>,
    keeper: LogKeeper,
    folder: tempfile::TempDir,
}

fn leaf(n: u64, branch: &str) -> Hash {
    merkle::leaf_hash(text(n, branch).as_bytes())
}

fn text(n: u64, branch: &str) -> String {
    let event = Event {
        v: 1,
        at: i64::try_from(n).unwrap(),
        kind: wire::event::EventKind::SignedIn,
        source: wire::event::Source::Broker,
        organization: None,
        session: None,
        statements: Vec::new(),
        facts: [("branch".to_owned(), branch.to_owned())].into(),
        sealed: std::collections::BTreeMap::new(),
    };
    serde_json::to_string(&event).unwrap()
}

impl Log {
    fn grow(&mut self, count: u64, branch: &str) {
        let from = self.leaves.len() as u64;
        self.leaves.extend((from..from + count).map(|n| leaf(n, branch)));
    }

    fn note(&self) -> String {
        self.signer.sign(self.leaves.len() as u64, &merkle::root(&self.leaves))
    }

    fn answer(&mut self, path: &str) -> (u16, Vec<u8>) {
        if path == "/checkpoint" {
            if let Some((file, memory)) = self.meanwhile.take() {
                write_private(&file, &memory).unwrap();
            }
            return (200, self.shown.clone().unwrap_or_else(|| self.note()).into_bytes());
        }
        let numbers: Vec<usize> = path.split(['=', '&']).filter_map(|n| n.parse().ok()).collect();
        let (from, to) = (numbers[0], numbers[1].min(self.leaves.len()));
        let path = merkle::consistency_path(from, &self.leaves[..to]);
        let path = path.iter().map(|h| statement::base64url(h).parse().unwrap()).collect();
        (200, serde_json::to_vec(&Consistency { from: from as u64, to: to as u64, path }).unwrap())
    }
}

async fn desk() -> Desk {
    let signer = LogSigner::from_seed("countersign.test/log", &[5; 32]).unwrap();
    let verifier = signer.verifier();
    let log = Arc::new(StdMutex::new(Log { signer, leaves: Vec::new(), shown: None, meanwhile: None }));
    let answers = log.clone();
    let fake = Fake::start(Arc::new(move |_, path, _| answers.lock().unwrap().answer(path))).await;
    let client = LogClient::new(&fake.address, &fake.ca_pem).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mara/log.json");
    let keeper = LogKeeper::new(path, verifier, client, Arc::new(FixedClock::at(1_795_000_000)));
    Desk { log, keeper, folder }
}

impl Desk {
    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// The same profile in another process.
    fn again(&self) -> LogKeeper {
        let (path, client) = (self.folder.path().join("mara/log.json"), self.keeper.client.clone());
        LogKeeper::new(path, self.keeper.verifier.clone(), client, self.keeper.clock.clone())
    }

    async fn must_break(&self, why: &str) {
        let shown = self.log().shown.clone();
        let shown = shown.unwrap_or_else(|| self.log().note());
        let error = self.keeper.check().await.unwrap_err();
        assert_eq!(error.code, "log-broken");
        assert!(error.message.contains(why), "{}", error.message);
        // Both sides of it are kept and shown, here and after a restart.
        for keeper in [&self.keeper, &self.again()] {
            let view = keeper.view("");
            let found = view.contradiction.unwrap();
            assert_eq!(found.shown, shown);
            let kept = keeper.verifier.open(&found.kept).map_or(0, |kept| kept.size);
            assert_eq!(kept, u64::from(view.size));
            let other = found.checkpoint.map(|c| (c.size, c.root, c.words.len()));
            let signed = keeper.verifier.open(&found.shown).ok();
            let same = signed.map(|c| (u32::try_from(c.size).unwrap(), statement::base64url(c.root), 8));
            assert_eq!(other, same, "a seal is drawn of what the log's key signed, and of nothing else");
        }
        // The log tells the truth again, and is still not believed: neither here nor after a restart.
        self.log().shown = None;
        assert_eq!(self.keeper.check().await.unwrap_err().code, "log-broken");
        assert_eq!(self.again().check().await.unwrap_err().code, "log-broken");
        assert_eq!(self.again().seen().unwrap_err().code, "log-broken");
        assert_eq!(self.keeper.view("").verdict, LogVerdict::Broken);
    }
}

#[tokio::test]
async fn a_growing_log_is_followed() {
    let desk = desk().await;
    assert_eq!(desk.keeper.seen().unwrap(), "");
    for count in [0, 1, 2, 0, 5, 300] {
        desk.log().grow(count, "a");
        let size = desk.log().leaves.len() as u64;
        assert_eq!(desk.keeper.check().await.unwrap().size, size);
        assert_eq!(desk.keeper.seen().unwrap(), desk.log().note());
    }
    let view = desk.again().view("");
    assert_eq!((view.verdict, view.size, view.words.len()), (LogVerdict::Intact, 308, 8));
}

#[tokio::test]
async fn l_03_a_shorter_log_is_refused_for_good() {
    let desk = desk().await;
    desk.log().grow(9, "a");
    let old = desk.log().note();
    desk.log().grow(1, "a");
    desk.keeper.check().await.unwrap();
    desk.log().shown = Some(old);
    desk.must_break("shorter").await;
}

#[tokio::test]
async fn l_02_two_heads_of_one_size_are_refused_for_good() {
    let desk = desk().await;
    desk.log().grow(9, "a");
    desk.keeper.check().await.unwrap();
    let fork = {
        let mut log = desk.log();
        let kept = std::mem::take(&mut log.leaves);
        log.grow(9, "b");
        let fork = log.note();
        log.leaves = kept;
        fork
    };
    desk.log().shown = Some(fork);
    desk.must_break("two heads").await;
}

#[tokio::test]
async fn l_02_a_longer_log_over_other_entries_is_refused_for_good() {
    let desk = desk().await;
    desk.log().grow(9, "a");
    desk.keeper.check().await.unwrap();
    desk.log().leaves[3] = leaf(3, "b");
    desk.log().grow(4, "a");
    desk.must_break("were changed").await;
}

impl Desk {
    fn memory(&self) -> Vec<u8> {
        read_private(&self.keeper.path).unwrap().unwrap()
    }

    /// Another process of the profile keeps this while the next answer is on its way here.
    fn meanwhile(&self, memory: Vec<u8>) {
        self.log().meanwhile = Some((self.keeper.path.clone(), memory));
    }

    /// The memory of a process that has followed the log this far.
    async fn memory_of_another(&self) -> Vec<u8> {
        let before = self.memory();
        self.again().check().await.unwrap();
        let memory = self.memory();
        write_private(&self.keeper.path, &before).unwrap();
        memory
    }
}

#[tokio::test]
async fn l_04_what_another_process_found_broken_meanwhile_stays_broken() {
    let desk = desk().await;
    desk.log().grow(5, "a");
    desk.keeper.check().await.unwrap();
    let mut memory: Memory = serde_json::from_slice(&desk.memory()).unwrap();
    memory.broken = Some(Broken { why: "A fork.".into(), at: 1, shown: "what it showed".into() });
    desk.meanwhile(serde_json::to_vec(&memory).unwrap());
    desk.log().grow(1, "a");
    let error = desk.keeper.check().await.unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("log-broken", "A fork."));
    assert!(String::from_utf8(desk.memory()).unwrap().contains("what it showed"));
}

#[tokio::test]
async fn l_04_the_larger_checkpoint_of_two_processes_stays() {
    let desk = desk().await;
    desk.log().grow(5, "a");
    desk.keeper.check().await.unwrap();
    let older = desk.log().note();
    desk.log().grow(4, "a");
    let theirs = desk.memory_of_another().await;
    desk.log().shown = Some(older);
    desk.meanwhile(theirs);
    assert_eq!(desk.keeper.check().await.unwrap().size, 9, "an older answer takes nothing back");
    assert_eq!(desk.again().last().unwrap().unwrap().size, 9);
}

#[tokio::test]
async fn l_02_a_fork_between_two_processes_is_refused_for_good() {
    let desk = desk().await;
    desk.log().grow(5, "a");
    desk.keeper.check().await.unwrap();
    desk.log().grow(4, "b");
    let theirs = desk.memory_of_another().await;
    desk.log().leaves.truncate(5);
    desk.log().grow(7, "a");
    desk.meanwhile(theirs);
    desk.must_break("were changed").await;
}

#[tokio::test]
async fn l_11_a_checkpoint_of_another_key_is_refused() {
    let desk = desk().await;
    let other = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap();
    desk.log().shown = Some(other.sign(0, &merkle::root(&[])));
    desk.must_break("not signed with the key").await;
}

#[tokio::test]
async fn what_a_signer_saw_must_be_of_the_same_log() {
    let desk = desk().await;
    desk.log().grow(4, "a");
    let seen = desk.log().note();
    desk.log().grow(3, "a");
    assert_eq!(desk.keeper.agrees(&seen).await.unwrap().size, 4);
    // Longer than what was checked last: the log is asked.
    desk.log().grow(3, "a");
    let newer = desk.log().note();
    assert_eq!(desk.keeper.agrees(&newer).await.unwrap().size, 10);

    let stranger = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap();
    let strange = stranger.sign(4, &merkle::root(&desk.log().leaves[..4]));
    assert!(desk.keeper.agrees(&strange).await.is_err());
    assert!(desk.keeper.check().await.is_ok(), "a note that the log did not sign says nothing about the log");

    let split = desk.log().signer.sign(5, &leaf(0, "b"));
    assert_eq!(desk.keeper.agrees(&split).await.unwrap_err().code, "log-broken");
    assert_eq!(desk.keeper.check().await.unwrap_err().code, "log-broken", "one that it did sign does");
}

#[tokio::test]
async fn l_03_a_head_that_somebody_saw_beyond_the_log_breaks_it_for_good() {
    let desk = desk().await;
    desk.log().grow(4, "a");
    desk.keeper.check().await.unwrap();
    desk.log().grow(3, "a");
    let seen = desk.log().note();
    desk.log().leaves.truncate(5);
    let error = desk.keeper.agrees(&seen).await.unwrap_err();
    assert_eq!(error.code, "log-broken");
    assert!(error.message.contains("a longer log"), "{}", error.message);
    desk.log().grow(10, "a");
    assert_eq!(desk.again().check().await.unwrap_err().code, "log-broken");
}

#[tokio::test]
async fn l_10_only_the_last_verified_head_is_cosigned_and_a_broken_log_is_not() {
    let desk = desk().await;
    let witness = checkpoint::WitnessSigner::from_seed("countersign.test/log/device/x", &[1; 32]).unwrap();
    assert!(desk.keeper.cosign(&witness).unwrap().is_none(), "nothing was verified yet");
    desk.log().grow(3, "a");
    desk.keeper.check().await.unwrap();
    desk.log().grow(4, "a");
    let (head, note) = desk.keeper.cosign(&witness).unwrap().unwrap();
    assert_eq!(head.size, 3, "what the log shows and nobody here verified is not cosigned");
    assert!(witness.verifier().cosigned(&note).is_ok());
    desk.again().check().await.unwrap();
    let (head, _) = desk.keeper.cosign(&witness).unwrap().unwrap();
    assert_eq!(head.size, 7, "what another process verified is");
    // The log's own note is kept, whoever else cosigned it.
    let cosigned = desk.log().note() + note.lines().last().unwrap() + "\n";
    desk.log().shown = Some(cosigned);
    desk.keeper.check().await.unwrap();
    assert_eq!(desk.keeper.seen().unwrap(), desk.log().note());
    let fork = desk.log().signer.sign(7, &[9; 32]);
    desk.log().shown = Some(fork);
    desk.keeper.check().await.unwrap_err();
    assert_eq!(desk.keeper.cosign(&witness).unwrap_err().code, "log-broken");
}

#[tokio::test]
async fn l_09_a_receipt_is_recomputed() {
    let desk = desk().await;
    desk.log().grow(7, "a");
    let receipt = |index: u64| {
        let log = desk.log();
        let path = merkle::inclusion_path(usize::try_from(index).unwrap(), &log.leaves);
        Receipt {
            index,
            leaf: text(index, "a"),
            inclusion: path.iter().map(|h| statement::base64url(h).parse().unwrap()).collect(),
            checkpoint: log.note(),
        }
    };
    for index in 0..7 {
        assert_eq!(desk.keeper.prove(&receipt(index)).await.unwrap().0.at, i64::try_from(index).unwrap());
    }
    let mut wrong = vec![receipt(2); 5];
    wrong[0].index = 3;
    wrong[1].leaf = text(2, "b");
    wrong[2].inclusion.pop();
    wrong[3].inclusion.push(statement::sha256("x"));
    wrong[4].index = 1 << 63;
    for receipt in wrong {
        assert_eq!(desk.keeper.prove(&receipt).await.unwrap_err().code, "not-in-the-log");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_memory_is_private_and_an_altered_one_is_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = desk().await;
    desk.log().grow(2, "a");
    desk.keeper.check().await.unwrap();
    let path = desk.folder.path().join("mara/log.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\\n2\\n", "\\n1\\n")).unwrap();
    assert_eq!(desk.keeper.check().await.unwrap_err().code, "log-broken");
    std::fs::write(&path, "{}{").unwrap();
    assert_eq!(desk.keeper.check().await.unwrap_err().code, "log-broken");
}
