//! Groups as the writer takes them, without whoever hands them in.

mod crashes;
mod groups;

use std::path::Path;
use std::sync::Arc;

use checkpoint::LogSigner;
use domain::FixedClock;
use key_service::KeyService;
use recording::SecretKey;
use wire::event::{Append, EventKind, Receipt, Source};

use super::{Command, Done, NewEvent, NewKeys, Sequencer, load_keys};
use crate::store::{HeadFile, check, open_writer};
use crate::tests::world::NOW;
use crate::vault::Vault;

fn signer() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[5; 32]).expect("signer")
}

/// The sequencer over what is in the folder, which is checked as at every start.
async fn begin(folder: &Path) -> Sequencer {
    let mut head_file = HeadFile::in_folder(folder);
    let mut connection = open_writer(&folder.join("audit.sqlite")).await.expect("opens");
    let log = check(&mut connection, &signer().verifier(), &mut head_file).await.expect("whole");
    let vault = Arc::new(Vault::new(KeyService::File(SecretKey::from_bytes(&[9; 32]).expect("32 bytes"))));
    load_keys(&mut connection, &vault).await.expect("a key");
    Sequencer::new(connection, log, signer(), vault, Arc::new(FixedClock::at(NOW)), head_file).0
}

/// Statements that entries share, facts and a personal field.
fn entry(n: usize) -> Append {
    let append = Append::new(EventKind::CallRefused).fact("n", n.to_string()).personal("person", format!("p-{n}"));
    (0..n % 5).fold(append, |append, s| append.statement(format!("a.{}.{s}", n / 3)))
}

fn unique(n: usize, token: &str) -> Append {
    Append { unique: Some(token.to_owned()), ..entry(n) }
}

fn from_broker(append: Append) -> Command {
    Command::Append(Box::new(NewEvent { source: Source::Broker, append, signer: None }))
}

/// Writes in a savepoint before it can be refused.
fn keys(n: usize, token: &str) -> Command {
    Command::Keys(Box::new(NewKeys { jwks: format!("{{\"keys\":[{n}]}}").into_bytes(), event: unique(n, token) }))
}

/// One group; a refusal by its code.
async fn group(sequencer: &mut Sequencer, commands: Vec<Command>) -> Vec<Result<Receipt, String>> {
    prepare(sequencer, &commands).await;
    let results = sequencer.group(commands).await.expect("written");
    results.into_iter().map(|r| r.and_then(Done::receipt).map_err(|p| p.code().to_owned())).collect()
}

/// As the writer does before it hands them in.
async fn prepare(sequencer: &Sequencer, commands: &[Command]) {
    for owner in commands.iter().filter_map(Command::owner) {
        sequencer.vault.prepare(&owner).await.expect("a key");
    }
}

async fn count(sequencer: &mut Sequencer, sql: &'static str) -> i64 {
    sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut sequencer.connection).await.expect("reads").0
}
