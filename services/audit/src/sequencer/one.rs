use serve::ProblemResponse;

use super::{Command, Done, Sequencer, Stop, waiting};
use crate::error::StoreError;

impl Sequencer {
    /// One command: when it is refused, it leaves nothing behind. An append is asked everything before it writes, so only
    /// the others need a savepoint.
    pub(super) async fn one(&mut self, command: Command) -> Result<Result<Done, ProblemResponse>, StoreError> {
        let done = match command {
            Command::Append(event) => self.append(&event).await.map(Done::Leaf),
            command => self.in_savepoint(command).await?,
        };
        match done {
            Ok(done) => Ok(Ok(done)),
            Err(Stop::Refused(problem)) => Ok(Err(problem)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Leaves of before are written first: the command may ask for them, and they must not be taken back with it.
    async fn in_savepoint(&mut self, command: Command) -> Result<Result<Done, Stop>, StoreError> {
        self.write_waiting().await?;
        let before = (self.next, self.last_at);
        sqlx::query("SAVEPOINT one").execute(&mut self.connection).await?;
        let done = self.execute(command).await;
        match done {
            Ok(_) => {}
            Err(Stop::Refused(_)) => {
                sqlx::query("ROLLBACK TO one").execute(&mut self.connection).await?;
                self.waiting.clear();
                (self.next, self.last_at) = before;
            }
            Err(Stop::Failed(error)) => return Err(error),
        }
        sqlx::query("RELEASE one").execute(&mut self.connection).await?;
        Ok(done)
    }

    pub(super) async fn write_waiting(&mut self) -> Result<(), StoreError> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting::write(&mut self.connection, &waiting).await
    }

    async fn execute(&mut self, command: Command) -> Result<Done, Stop> {
        match command {
            Command::Append(event) => self.append(&event).await.map(Done::Leaf),
            Command::Keys(new) => self.see_provider_keys(&new).await,
            Command::Adopt(policy) => self.adopt(&policy).await,
            Command::Permit(permission) => self.file_permission(&permission).await,
            Command::Forget(new) => self.forget(&new).await,
            Command::Expire(new) => self.expire(&new).await,
            Command::Sweep(swept) => self.sweep(&swept).await,
            Command::See(seen) => self.see_notice(&seen).await,
            Command::Open(recording) => self.open_recording(&recording).await,
            Command::Extend(extension) => self.extend_recording(&extension).await,
            Command::Batch(batch) => self.take_batch(&batch).await,
            Command::Fold(fold) => self.fold(&fold).await,
            Command::Seal(seal) => self.seal(&seal).await,
            Command::Examine(new) => self.keep_examination(&new).await,
            Command::Reveal(new) => self.reveal(&new).await,
            Command::Review(review) => self.review(&review).await,
            Command::Cosign(new) => self.keep_cosignature(&new).await,
            Command::Fail(error) => Err(Stop::Failed(error)),
        }
    }
}
