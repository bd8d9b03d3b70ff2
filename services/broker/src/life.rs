//! The life of an Access Request. Each state is a type; a step consumes it and gives the next one, so a step that does
//! not exist (a decision on something withdrawn, a second opening) cannot be written down.

use domain::{SessionId, UnixSeconds};
use wire::broker::RequestState;

/// An Approval opens within this time, in seconds.
const OPENS_WITHIN: i64 = 4 * 3600;

/// What ended a request that moved the end of a Session which another one had opened.
pub(crate) const EXTENDED: &str = "extended";

/// Where a request stands, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Standing {
    pub(crate) state: RequestState,
    /// Until when it can be decided, or once approved, opened.
    pub(crate) until: UnixSeconds,
    pub(crate) session: Option<SessionId>,
    pub(crate) session_ends_at: Option<UnixSeconds>,
    pub(crate) ended_by: Option<String>,
}

/// Waits for signatures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    until: UnixSeconds,
    needed: u32,
    /// When each Approval so far was signed.
    approved_at: Vec<UnixSeconds>,
}

/// Has every signature; can be opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Approved {
    until: UnixSeconds,
}

/// A Session is open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Open {
    until: UnixSeconds,
    session: SessionId,
    ends_at: UnixSeconds,
}

/// Nothing more can happen to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Over(Standing);

/// A request in whichever state it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Waiting(Waiting),
    Approved(Approved),
    Open(Open),
    Over(Over),
}

impl Life {
    /// From what is stored. An open one without a Session is a broken row and reads as over.
    pub(crate) fn read(standing: Standing, needed: u32, approved_at: Vec<UnixSeconds>) -> Self {
        let until = standing.until;
        match (standing.state, &standing.session, standing.session_ends_at) {
            (RequestState::Waiting, ..) => Self::Waiting(Waiting { until, needed, approved_at }),
            (RequestState::Approved, ..) => Self::Approved(Approved { until }),
            (RequestState::Open, Some(session), Some(ends_at)) => {
                Self::Open(Open { until, session: session.clone(), ends_at })
            }
            _ => Self::Over(Over(standing)),
        }
    }

    /// As it is stored.
    pub(crate) fn standing(self) -> Standing {
        match self {
            Self::Waiting(w) => plain(RequestState::Waiting, w.until),
            Self::Approved(a) => plain(RequestState::Approved, a.until),
            Self::Open(o) => Standing {
                session: Some(o.session),
                session_ends_at: Some(o.ends_at),
                ..plain(RequestState::Open, o.until)
            },
            Self::Over(over) => over.0,
        }
    }
}

impl Waiting {
    pub(crate) fn new(until: UnixSeconds, needed: u32) -> Self {
        Self { until, needed, approved_at: Vec::new() }
    }

    /// One more Approval: still waiting, or approved with the last one that was needed. The oldest Approval says until
    /// when it opens.
    pub(crate) fn approve(mut self, signed_at: UnixSeconds) -> Life {
        self.approved_at.push(signed_at);
        if self.approved_at.len() < self.needed as usize {
            return Life::Waiting(self);
        }
        let oldest = self.approved_at.iter().copied().min().unwrap_or(signed_at);
        Life::Approved(Approved { until: oldest + OPENS_WITHIN })
    }

    pub(crate) fn deny(self) -> Over {
        Over(plain(RequestState::Denied, self.until))
    }

    pub(crate) fn withdraw(self) -> Over {
        Over(plain(RequestState::Withdrawn, self.until))
    }

    pub(crate) fn revoke(self) -> Over {
        revoked(self.until)
    }

    /// Over when nobody decided in time; itself before that.
    pub(crate) fn expire(self, now: UnixSeconds) -> Result<Over, Self> {
        if now >= self.until { Ok(Over(plain(RequestState::Expired, self.until))) } else { Err(self) }
    }
}

impl Approved {
    /// By break-glass: signed before it was asked for.
    pub(crate) fn in_advance(until: UnixSeconds) -> Self {
        Self { until }
    }

    pub(crate) fn open(self, session: SessionId, ends_at: UnixSeconds) -> Open {
        Open { until: self.until, session, ends_at }
    }

    pub(crate) fn withdraw(self) -> Over {
        Over(plain(RequestState::Withdrawn, self.until))
    }

    pub(crate) fn revoke(self) -> Over {
        revoked(self.until)
    }

    /// It moved the end of this Session, and has had its effect.
    pub(crate) fn extend(self, session: SessionId, ends_at: UnixSeconds) -> Over {
        self.open(session, ends_at).end(EXTENDED.to_owned())
    }

    /// The gateway opened and ended it, and only the end was heard of here.
    pub(crate) fn end(self, session: SessionId, reason: String, now: UnixSeconds) -> Over {
        self.open(session, now).end(reason)
    }

    /// Over when nobody opened it in time; itself before that.
    pub(crate) fn expire(self, now: UnixSeconds) -> Result<Over, Self> {
        if now >= self.until { Ok(Over(plain(RequestState::Expired, self.until))) } else { Err(self) }
    }
}

impl Over {
    /// A request that was taken back, revoked, or called expired, while the gateway opened it: its Session is noted with it. The
    /// request stays what it was called.
    pub(crate) fn note_session(mut self, session: SessionId, reason: String) -> Result<Self, Self> {
        let standing = &mut self.0;
        let may_have_one =
            matches!(standing.state, RequestState::Withdrawn | RequestState::Expired | RequestState::Ended);
        if !may_have_one || standing.session.is_some() {
            return Err(self);
        }
        (standing.session, standing.ended_by) = (Some(session), Some(reason));
        Ok(self)
    }
}

impl Open {
    pub(crate) fn session(&self) -> &SessionId {
        &self.session
    }

    pub(crate) fn ends_at(&self) -> UnixSeconds {
        self.ends_at
    }

    /// Until then at least; never sooner than before.
    pub(crate) fn extend(self, ends_at: UnixSeconds) -> Self {
        Self { ends_at: self.ends_at.max(ends_at), ..self }
    }

    pub(crate) fn end(self, reason: String) -> Over {
        Over(Standing {
            session: Some(self.session),
            session_ends_at: Some(self.ends_at),
            ended_by: Some(reason),
            ..plain(RequestState::Ended, self.until)
        })
    }
}

/// No Session came of it.
fn revoked(until: UnixSeconds) -> Over {
    Over(Standing { ended_by: Some("revoked".to_owned()), ..plain(RequestState::Ended, until) })
}

fn plain(state: RequestState, until: UnixSeconds) -> Standing {
    Standing { state, until, session: None, session_ends_at: None, ended_by: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> SessionId {
        statement::sha256("session").into()
    }

    #[test]
    fn from_waiting_to_ended() {
        let Life::Approved(approved) = Waiting::new(1000, 1).approve(500) else { panic!("approved") };
        assert_eq!(approved.until, 500 + 4 * 3600);
        let over = approved.open(session(), 900).end("expired".into());
        assert_eq!(over.0.state, RequestState::Ended);
        assert_eq!(over.0.ended_by.as_deref(), Some("expired"));
        assert_eq!(over.0.session, Some(session()));
    }

    #[test]
    fn two_approvals_when_two_are_needed_and_the_oldest_counts() {
        let Life::Waiting(waiting) = Waiting::new(1000, 2).approve(500) else { panic!("waiting") };
        let Life::Approved(approved) = waiting.approve(700) else { panic!("approved") };
        assert_eq!(approved.until, 500 + 4 * 3600);
    }

    #[test]
    fn an_end_moves_away_and_never_back() {
        let open = Approved { until: 7 }.open(session(), 900);
        let open = open.extend(1800).extend(1200);
        assert_eq!(open.ends_at(), 1800);
        let used = Approved { until: 7 }.extend(session(), 1800).0;
        assert_eq!(
            (used.state, used.session_ends_at, used.ended_by.as_deref()),
            (RequestState::Ended, Some(1800), Some("extended"))
        );
    }

    #[test]
    fn time_ends_what_nobody_decided_or_opened() {
        assert!(Waiting::new(1000, 1).expire(999).is_err());
        assert_eq!(Waiting::new(1000, 1).expire(1000).map(|o| o.0.state), Ok(RequestState::Expired));
        assert_eq!(Approved { until: 10 }.expire(10).map(|o| o.0.state), Ok(RequestState::Expired));
    }

    #[test]
    fn only_what_was_called_over_meanwhile_takes_a_session() {
        let told = |over: Over| over.note_session(session(), "lease-lost".into());
        let revoked = Approved { until: 7 }.revoke();
        for over in [Waiting::new(1000, 1).withdraw(), Approved { until: 7 }.expire(7).expect("over"), revoked] {
            let state = over.0.state;
            let noted = told(over).expect("noted");
            assert_eq!((noted.0.state, noted.0.session.clone()), (state, Some(session())));
            assert!(told(noted).is_err(), "once");
        }
        assert!(told(Waiting::new(1000, 1).deny()).is_err());
        assert!(told(Approved { until: 7 }.end(session(), "expired".into(), 5)).is_err());
    }

    #[test]
    fn what_is_stored_reads_back() {
        let lives = [
            Life::Waiting(Waiting::new(1000, 2)),
            Life::Approved(Approved { until: 7 }),
            Life::Open(Approved { until: 7 }.open(session(), 9)),
            Life::Over(Waiting::new(1000, 1).deny()),
            Life::Over(Waiting::new(1000, 1).withdraw()),
            Life::Over(Approved { until: 7 }.end(session(), "expired".into(), 5)),
        ];
        for life in lives {
            let standing = life.standing();
            assert_eq!(Life::read(standing.clone(), 2, Vec::new()).standing(), standing);
        }
    }

    #[test]
    fn an_open_row_without_a_session_gives_nothing() {
        let broken = plain(RequestState::Open, 5);
        assert!(matches!(Life::read(broken, 1, Vec::new()), Life::Over(_)));
    }
}
