//! A bounded queue for each source, emptied in turn: whoever floods waits behind themselves.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc;
use wire::event::{EventKind, Source};

use super::Command;

/// Whose jobs wait in the same queue. What a service was made to refuse never stands in front of what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Recordings,
    Gateway,
    GatewayRefusals,
    Broker,
    BrokerRefusals,
    Own,
    OwnRefusals,
}

const LANES: usize = 7;
/// Jobs that wait in one lane. A batch can be large, so few of them do.
const PLACES: usize = 256;
const BATCHES: usize = 32;
/// Nobody waits longer than this for a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a job was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// The lane stayed full.
    Busy,
    Stopped,
}

/// Where jobs go in.
pub(super) struct Entrance<T>([mpsc::Sender<T>; LANES]);

/// Where they come out.
pub(super) struct Lanes<T> {
    lanes: [mpsc::Receiver<T>; LANES],
    /// The lane whose turn it is.
    turn: usize,
}

impl Lane {
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Append(event) => Self::of_event(event.source, event.append.kind),
            Command::Open(_) | Command::Extend(_) | Command::Batch(_) | Command::Fold(_) | Command::Seal(_) => {
                Self::Recordings
            }
            Command::Adopt(_) | Command::Permit(_) | Command::Forget(_) => Self::Broker,
            Command::Keys(_)
            | Command::See(_)
            | Command::Expire(_)
            | Command::Sweep(_)
            | Command::Examine(_)
            | Command::Reveal(_)
            | Command::Review(_)
            | Command::Cosign(_)
            | Command::Fail(_) => Self::Own,
        }
    }

    fn of_event(source: Source, kind: EventKind) -> Self {
        use EventKind as K;
        let refusal = matches!(
            kind,
            K::SignInRefused
                | K::SecondFactorRefused
                | K::EnrolmentRefused
                | K::RequestRefused
                | K::DecisionRefused
                | K::PolicyRefused
                | K::ForgettingRefused
                | K::SessionRefused
                | K::ExchangeRefused
                | K::RevealRefused
                | K::ReviewRefused
                | K::CallRefused
                | K::RefusedOnDesktop
        );
        match (source, refusal) {
            (Source::Broker, false) => Self::Broker,
            (Source::Broker, true) => Self::BrokerRefusals,
            (Source::Gateway, false) => Self::Gateway,
            (Source::Gateway, true) => Self::GatewayRefusals,
            (Source::Audit, false) => Self::Own,
            (Source::Audit, true) => Self::OwnRefusals,
        }
    }
}

pub(super) fn lanes<T>() -> (Entrance<T>, Lanes<T>) {
    let mut receivers = Vec::with_capacity(LANES);
    let entrance = std::array::from_fn(|lane| {
        let places = if lane == Lane::Recordings as usize { BATCHES } else { PLACES };
        let (sender, receiver) = mpsc::channel(places);
        receivers.push(receiver);
        sender
    });
    let mut receivers = receivers.into_iter();
    let lanes = std::array::from_fn(|_| receivers.next().unwrap_or_else(|| mpsc::channel(1).1));
    (Entrance(entrance), Lanes { lanes, turn: 0 })
}

impl<T> Clone for Entrance<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Entrance<T> {
    /// Waits for a place in its lane, though not for ever.
    pub async fn send(&self, lane: Lane, job: T) -> Result<(), NotTaken> {
        self.send_within(PATIENCE, lane, job).await
    }

    async fn send_within(&self, patience: Duration, lane: Lane, job: T) -> Result<(), NotTaken> {
        match tokio::time::timeout(patience, self.0[lane as usize].send(job)).await {
            Ok(sent) => sent.map_err(|_| NotTaken::Stopped),
            Err(_) => Err(NotTaken::Busy),
        }
    }
}

impl<T> Lanes<T> {
    /// Waits for a job and takes with it those that wait: one of each lane in turn, `most` in all. Nothing comes once
    /// every entrance is gone.
    pub async fn next(&mut self, most: usize) -> Vec<T> {
        let mut jobs: Vec<T> = poll_fn(|context| {
            let mut gone = 0;
            for place in 0..LANES {
                let lane = (self.turn + place) % LANES;
                match self.lanes[lane].poll_recv(context) {
                    Poll::Ready(Some(job)) => {
                        self.turn = (lane + 1) % LANES;
                        return Poll::Ready(Some(job));
                    }
                    Poll::Ready(None) => gone += 1,
                    Poll::Pending => {}
                }
            }
            if gone == LANES { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
        .into_iter()
        .collect();
        let mut empty = 0;
        while !jobs.is_empty() && jobs.len() < most && empty < LANES {
            match self.lanes[self.turn].try_recv() {
                Ok(job) => {
                    jobs.push(job);
                    empty = 0;
                }
                Err(_) => empty += 1,
            }
            self.turn = (self.turn + 1) % LANES;
        }
        jobs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flooded_lane_leaves_the_others_their_turn() {
        let (entrance, mut lanes) = lanes();
        for n in 0..PLACES {
            entrance.send(Lane::BrokerRefusals, (Lane::BrokerRefusals, n)).await.expect("room");
        }
        for n in 0..20 {
            entrance.send(Lane::Recordings, (Lane::Recordings, n)).await.expect("room");
            entrance.send(Lane::Gateway, (Lane::Gateway, n)).await.expect("room");
        }
        let group = lanes.next(64).await;
        assert_eq!(group.len(), 64);
        for lane in [Lane::Recordings, Lane::Gateway] {
            let taken: Vec<_> = group.iter().filter(|(l, _)| *l == lane).map(|(_, n)| *n).collect();
            assert_eq!(taken, (0..20).collect::<Vec<_>>(), "{lane:?}, in order");
        }
    }

    #[tokio::test]
    async fn a_full_lane_is_said_and_costs_the_others_nothing() {
        let (entrance, mut lanes) = lanes();
        for _ in 0..PLACES {
            entrance.send(Lane::Broker, ()).await.expect("room");
        }
        let patience = Duration::from_millis(20);
        assert_eq!(entrance.send_within(patience, Lane::Broker, ()).await, Err(NotTaken::Busy));
        entrance.send(Lane::Gateway, ()).await.expect("room");
        let mut taken = 0;
        drop(entrance);
        loop {
            match lanes.next(100).await.len() {
                0 => break,
                n => taken += n,
            }
        }
        assert_eq!(taken, PLACES + 1, "what was taken is given out, then it ends");
    }
}
