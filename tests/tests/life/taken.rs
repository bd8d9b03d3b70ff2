//! What is taken away, by whom, and who hears of it.

use domain::Digest;
use statement::Revoked;

use super::company::GATEWAYS;
use super::grants::Grant;
use super::people::{Holder, Who};
use super::window::Window;

/// What is taken away.
#[derive(Debug, Clone, Copy)]
pub enum What {
    Grant(usize),
    /// The Grant of one of the newest windows.
    Opened(usize),
    /// The Session itself.
    Session(usize),
    /// One of the newest.
    Permission(usize),
    Device(Who),
    Person(Who),
}

/// Who signs that.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// The first.
    Administrator,
    Approver(usize),
    Engineer(usize),
    /// Whose Device or person it is; of a Grant, who asked.
    Themselves,
    Stranger,
}

/// Who hears of it.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// One gateway, from whoever signed.
    Gateway(usize),
    /// The same while something opens there.
    Race(usize),
    /// The same, and the gateway is killed as soon as it has answered.
    Killed(usize),
    /// The log, and both gateways with their next leases.
    Broker,
    /// The log, and a broker goes on leasing.
    Hushed,
}

/// A revocation that somebody signed.
pub struct Taken {
    pub statement: Digest,
    pub revokes: Revoked,
    /// Its signer may revoke this.
    pub may: bool,
    /// And gave a code where that takes one, and is not revoked.
    pub lasts: bool,
    /// By which gateways, since they started.
    pub heard: [bool; GATEWAYS],
}

impl Taken {
    pub fn means(&self, grant: &Grant) -> bool {
        match &self.revokes {
            Revoked::Grant(id) => grant.request == *id || grant.in_advance.as_ref().is_some_and(|p| p.id == *id),
            Revoked::Sessions(_) => false,
            Revoked::Device(_) | Revoked::Person(_) => grant.signers.iter().any(|holder| self.is_of(holder)),
        }
    }

    pub fn is_of(&self, holder: &Holder) -> bool {
        match &self.revokes {
            Revoked::Device(device) => *device == holder.device,
            Revoked::Person(person) => *person == holder.person,
            Revoked::Grant(_) | Revoked::Sessions(_) => false,
        }
    }

    pub fn means_window(&self, window: &Window, grants: &[Grant]) -> bool {
        let session = matches!(&self.revokes, Revoked::Sessions(named) if named.contains(&window.session));
        session || [window.grant].iter().chain(&window.extended_by).any(|n| self.means(&grants[*n]))
    }
}
