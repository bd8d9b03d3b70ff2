//! How many connections one address and one certificate may hold, so that nobody's flood keeps others out. Who holds
//! the share of a Session keeps some more for the gateway's own calls: a Session can always be ended.
//!
//! A share that is full does not turn newcomers away where nobody has proven anything yet: the oldest that only waits
//! gives way, since a peer that means something says it at once.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Digest;
use tokio_util::sync::CancellationToken;

/// Whose share a connection counts towards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// No handshake yet.
    Arriving(IpAddr),
    /// No certificate, or one without a Session.
    Stranger(IpAddr),
    /// The certificate of a Session.
    Person(Digest),
    /// As [`Self::Person`], beyond the share: for the gateway's own calls alone.
    Beyond(Digest),
}

impl Holder {
    /// Connections of one address or certificate, and of all of them together.
    const fn most(&self) -> (usize, usize) {
        match self {
            Self::Arriving(_) | Self::Stranger(_) => (64, 512),
            Self::Person(_) => (64, 1024),
            Self::Beyond(_) => (8, 256),
        }
    }

    fn is_alike(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// The connections that there are.
#[derive(Debug, Default)]
pub struct Shares(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// By age.
    held: BTreeMap<u64, Held>,
}

#[derive(Debug)]
struct Held {
    holder: Holder,
    is_busy: bool,
    gone: CancellationToken,
}

/// The place of one connection; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    shares: Arc<Shares>,
    number: u64,
    gone: CancellationToken,
    is_beyond: bool,
    from: IpAddr,
}

/// While it is held, the connection does something that was asked for, and does not give way.
#[derive(Debug)]
pub struct Busy<'a>(&'a Place);

impl Shares {
    /// A place for a connection that was just accepted; none when everybody is busy.
    #[must_use]
    pub fn arrive(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        self.take(Holder::Arriving(from), from)
    }

    fn take(self: &Arc<Self>, holder: Holder, from: IpAddr) -> Option<Place> {
        let mut state = self.state();
        if !state.make_room(&holder) {
            return None;
        }
        state.next += 1;
        let (number, gone) = (state.next, CancellationToken::new());
        let is_beyond = matches!(holder, Holder::Beyond(_));
        state.held.insert(number, Held { holder, is_busy: false, gone: gone.clone() });
        drop(state);
        Some(Place { shares: self.clone(), number, gone, is_beyond, from })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether one more of this holder fits; the oldest that only waits may have given way for it.
    fn make_room(&mut self, holder: &Holder) -> bool {
        let (own, all) = holder.most();
        let gives_way = !matches!(holder, Holder::Person(_));
        self.fits(own, gives_way, |held| held.holder == *holder)
            && self.fits(all, gives_way, |h| h.holder.is_alike(holder))
    }

    fn fits(&mut self, most: usize, gives_way: bool, counts: impl Fn(&Held) -> bool) -> bool {
        if self.held.values().filter(|h| counts(h)).count() < most {
            return true;
        }
        let oldest = self.held.iter().find(|(_, h)| counts(h) && !h.is_busy).map(|(number, _)| *number);
        match oldest.filter(|_| gives_way).and_then(|number| self.held.remove(&number)) {
            Some(held) => {
                held.gone.cancel();
                true
            }
            None => false,
        }
    }
}

impl Place {
    /// After the handshake: the place in the share of whoever it is. None when that share is full.
    #[must_use]
    pub fn settle(self, holder: Holder) -> Option<Self> {
        let beyond = if let Holder::Person(certificate) = &holder { Some(certificate.clone()) } else { None };
        let settled = self.shares.take(holder, self.from);
        match (settled, beyond) {
            (None, Some(certificate)) => self.shares.take(Holder::Beyond(certificate), self.from),
            (settled, _) => settled,
        }
    }

    /// Where the connection comes from.
    #[must_use]
    pub fn from(&self) -> IpAddr {
        self.from.to_canonical()
    }

    /// Whether it is good for the gateway's own calls alone.
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        self.is_beyond
    }

    /// Returns when the connection has to give way to another.
    pub async fn gone(&self) {
        self.gone.cancelled().await;
    }

    /// From here on it does not give way; none when it already did.
    #[must_use]
    pub fn busy(&self) -> Option<Busy<'_>> {
        self.shares.state().held.get_mut(&self.number)?.is_busy = true;
        Some(Busy(self))
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(held) = self.0.shares.state().held.get_mut(&self.0.number) {
            held.is_busy = false;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shares.state().held.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn elsewhere(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    #[test]
    fn t26_the_oldest_that_waits_gives_way_and_others_are_left_alone() {
        let shares = Arc::new(Shares::default());
        let other = shares.arrive(elsewhere(1)).unwrap();
        let places: Vec<Place> = (0..64).map(|_| shares.arrive(HOME).unwrap()).collect();
        let busy = places[0].busy().unwrap();
        let one_more = shares.arrive(HOME).unwrap();
        let gone: Vec<usize> = (0..64).filter(|n| places[*n].gone.is_cancelled()).collect();
        assert_eq!(gone, [1], "the oldest is busy, the next gives way");
        assert!(places[1].busy().is_none(), "what gave way begins nothing any more");
        assert!(!other.gone.is_cancelled() && !one_more.gone.is_cancelled());
        drop(busy);
        let _again = shares.arrive(HOME).unwrap();
        assert!(places[0].gone.is_cancelled());
        drop(places);
        assert_eq!(shares.state().held.len(), 3);
    }

    #[test]
    fn t26_all_addresses_together_are_bounded() {
        let shares = Arc::new(Shares::default());
        let many: Vec<Place> = (0..=255)
            .flat_map(|n| [elsewhere(n), elsewhere(n), elsewhere(n)])
            .map(|a| shares.arrive(a).unwrap())
            .collect();
        assert_eq!(shares.state().held.len(), 512);
        let busy: Vec<_> = many.iter().filter_map(Place::busy).collect();
        assert_eq!((busy.len(), shares.arrive(HOME).is_none()), (512, true));
    }

    #[test]
    fn t26_a_person_beyond_the_share_can_still_end_the_session() {
        let shares = Arc::new(Shares::default());
        let (mara, other) = (statement::sha256("mara"), statement::sha256("other"));
        let settle = |who: &Digest| shares.arrive(HOME).unwrap().settle(Holder::Person(who.clone()));
        let own: Vec<Place> = (0..64).map(|_| settle(&mara).unwrap()).collect();
        assert!(own.iter().all(|p| !p.is_beyond()));
        let beyond: Vec<Place> = (0..9).map(|_| settle(&mara).unwrap()).collect();
        assert!(beyond.iter().all(Place::is_beyond));
        assert!(beyond[0].gone.is_cancelled() && !beyond[8].gone.is_cancelled());
        assert!(own.iter().all(|p| !p.gone.is_cancelled()), "what is carried is not cut for it");
        assert!(!settle(&other).unwrap().is_beyond());
    }
}
