use std::time::Duration;

/// How much of the service one peer, and all of them together, may hold at one time. Together the places stay below
/// 1,200 file descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are still in their handshake.
    pub handshakes: usize,
    /// Of them, from one address.
    pub handshakes_per_address: usize,
    /// Connections that carry calls and show no certificate of ours.
    pub calls: usize,
    /// Of them, from one address. A whole office may stand behind one.
    pub calls_per_address: usize,
    /// Connections that carry a stream of events. They take no place among the calls.
    pub streams: usize,
    /// Connections of one of our services, each with places of its own.
    pub per_service: usize,
    /// Calls of one person that are being answered.
    pub per_person: usize,
    /// The handshake is done within this time.
    pub handshake: Duration,
    /// A request's head is whole within this time, the quiet time before it included.
    pub head: Duration,
    /// Its body is whole within this time after the head.
    pub body: Duration,
    /// The head of the answer is there within this time after the head of the request.
    pub answer: Duration,
    /// Of what is written to a peer it takes at least 256 KiB, or all of it, within this time: whoever reads more slowly
    /// is cut.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshakes: 128,
            handshakes_per_address: 96,
            calls: 384,
            calls_per_address: 288,
            streams: 448,
            per_service: 64,
            per_person: 32,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            stall: Duration::from_secs(30),
        }
    }
}
