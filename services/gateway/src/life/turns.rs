use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use domain::Digest;
use tokio::sync::OwnedMutexGuard;

type Turn = tokio::sync::Mutex<()>;

/// Openings of one request come one after the other: the second finds the Session of the first.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<Digest, Weak<Turn>>>);

impl Turns {
    /// Waits for the turn; it ends when what is returned is dropped.
    pub async fn of(&self, request: &Digest) -> OwnedMutexGuard<()> {
        let turn = self.turn(request);
        turn.lock_owned().await
    }

    fn turn(&self, request: &Digest) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(request).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Turn::default());
        turns.insert(request.clone(), Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn one_request_has_one_turn_at_a_time() {
        let turns = Turns::default();
        let (a, b) = (statement::sha256("a"), statement::sha256("b"));
        let first = turns.of(&a).await;
        let _other = turns.of(&b).await;
        assert!(tokio::time::timeout(Duration::from_millis(50), turns.of(&a)).await.is_err());
        drop(first);
        drop(turns.of(&a).await);
        assert_eq!(turns.0.lock().unwrap().len(), 2);
        drop(turns.of(&b));
    }
}
