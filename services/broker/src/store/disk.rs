//! What a disk says after it has failed once is not believed: the broker ends, and the next one starts from what is there.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// SQLite's words for a disk that failed or gave something else back: IOERR, CORRUPT, NOTADB. A full disk is none of them.
const BROKEN: [i32; 3] = [10, 11, 26];

static TOLD: Notify = Notify::const_new();
static WHAT: Mutex<String> = Mutex::new(String::new());

/// Every error of the database passes here.
pub(super) fn look_at(error: &sqlx::Error) {
    if is_broken(error) {
        tracing::error!(%error, "the disk failed; the broker ends");
        *WHAT.lock().unwrap_or_else(PoisonError::into_inner) = error.to_string();
        TOLD.notify_one();
    }
}

/// Waits until the disk has failed, and says how.
pub(crate) async fn broke() -> String {
    TOLD.notified().await;
    WHAT.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<i32>().ok());
            code.is_some_and(|code| BROKEN.contains(&(code & 0xff)))
        }
        _ => false,
    }
}
