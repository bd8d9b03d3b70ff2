use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::PersonId;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::limits::Limits;
use crate::Service;

/// Who holds which place. When the places of a kind are taken, the connection among them that has been quiet for the
/// longest makes room, of the same address where that one holds too many; one that waits for an answer never does.
#[derive(Debug)]
pub(crate) struct Gate {
    limits: Limits,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    places: BTreeMap<u64, Place>,
    calls_of: HashMap<PersonId, usize>,
}

#[derive(Debug)]
struct Place {
    address: IpAddr,
    kind: Kind,
    /// Since when nothing is being answered on it; `None` while something is.
    quiet_since: Option<Instant>,
    cut: Arc<Notify>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Handshake,
    Calls,
    Stream,
    Service(Service),
}

/// One connection's place. Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    gate: Arc<Gate>,
    id: u64,
    cut: Arc<Notify>,
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, held: Mutex::default() })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A place for a new connection. There always is one: the oldest unfinished handshake makes room.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Ticket {
        let address = network(address);
        let mut held = self.held();
        let Limits { handshakes, handshakes_per_address, .. } = self.limits;
        held.make_room(Kind::Handshake, Some(address), handshakes_per_address);
        held.make_room(Kind::Handshake, None, handshakes);
        let (id, cut) = (held.next, Arc::new(Notify::new()));
        held.next += 1;
        let place = Place { address, kind: Kind::Handshake, quiet_since: Some(Instant::now()), cut: cut.clone() };
        held.places.insert(id, place);
        Ticket { gate: self.clone(), id, cut }
    }

    /// The process has no descriptor left: somebody who wants nothing gives one back.
    pub(super) fn spare(&self) {
        let mut held = self.held();
        if !held.make_room(Kind::Handshake, None, 0) {
            held.make_room(Kind::Calls, None, 0);
        }
    }

    /// One more call of this person, unless too many are being answered.
    pub(super) fn begin_call(&self, person: &PersonId) -> bool {
        let mut held = self.held();
        let calls = held.calls_of.entry(person.clone()).or_default();
        let room = *calls < self.limits.per_person;
        *calls += usize::from(room);
        room
    }

    pub(super) fn end_call(&self, person: &PersonId) {
        let mut held = self.held();
        if let Some(calls) = held.calls_of.get_mut(person) {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                held.calls_of.remove(person);
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Whether there is a place more of this kind below `most`, after the quietest was cut if need be.
    fn make_room(&mut self, kind: Kind, address: Option<IpAddr>, most: usize) -> bool {
        let alike = || self.places.iter().filter(|(_, p)| p.kind == kind && address.is_none_or(|a| a == p.address));
        if alike().count() < most {
            return true;
        }
        let quietest = alike().filter_map(|(id, p)| p.quiet_since.map(|since| (since, *id))).min();
        let Some(place) = quietest.and_then(|(_, id)| self.places.remove(&id)) else { return false };
        place.cut.notify_one();
        true
    }
}

impl Ticket {
    /// Returns when this connection has to make room for another.
    pub(super) async fn cut(&self) {
        self.cut.notified().await;
    }

    /// The handshake is done; whether there is a place for who it turned out to be.
    pub(super) fn enter(&self, service: Option<Service>) -> bool {
        let mut held = self.gate.held();
        let Limits { calls, calls_per_address, per_service, .. } = self.gate.limits;
        let Some(address) = held.places.get(&self.id).map(|p| p.address) else { return false };
        let (kind, room) = match service {
            Some(service) => (Kind::Service(service), held.make_room(Kind::Service(service), None, per_service)),
            None => {
                let near = held.make_room(Kind::Calls, Some(address), calls_per_address);
                (Kind::Calls, near && held.make_room(Kind::Calls, None, calls))
            }
        };
        if let Some(place) = held.places.get_mut(&self.id).filter(|_| room) {
            place.kind = kind;
            place.quiet_since = Some(Instant::now());
        }
        room
    }

    pub(super) fn busy(&self) {
        self.set_quiet(None);
    }

    pub(super) fn quiet(&self) {
        self.set_quiet(Some(Instant::now()));
    }

    /// The answer is a stream: it leaves the places of calls, when there is one among the streams.
    pub(super) fn streams(&self) {
        let mut held = self.gate.held();
        let streams = held.places.values().filter(|p| p.kind == Kind::Stream).count();
        if let Some(place) = held.places.get_mut(&self.id).filter(|p| p.kind == Kind::Calls)
            && streams < self.gate.limits.streams
        {
            place.kind = Kind::Stream;
        }
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    fn set_quiet(&self, since: Option<Instant>) {
        if let Some(place) = self.gate.held().places.get_mut(&self.id) {
            place.quiet_since = since;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.held().places.remove(&self.id);
    }
}

/// What counts as one address: of IPv6, the network that one customer line has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests;
