use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{Arc, Mutex, PoisonError},
    thread::{sleep, spawn},
    time::Duration,
};

use anyhow::ensure;

const PORTS: usize = 2;
const SETTLED: Duration = Duration::from_millis(300);

/// Ports of this computer that nobody may reach: each connection and each datagram is kept.
pub struct Traps {
    tcp: Vec<SocketAddr>,
    udp: Vec<SocketAddr>,
    hits: Arc<Mutex<Vec<String>>>,
}

impl Traps {
    /// Opens them on every loopback address, and sees that each of them works.
    pub fn set() -> anyhow::Result<Self> {
        let mut traps = Self { tcp: Vec::new(), udp: Vec::new(), hits: Arc::default() };
        for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            for _ in 0..PORTS {
                // Not every computer has the second kind of address.
                let Ok(listener) = TcpListener::bind((address, 0)) else { continue };
                traps.tcp.push(listener.local_addr()?);
                let hits = traps.hits.clone();
                spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &hits)));
            }
            let Ok(socket) = UdpSocket::bind((address, 0)) else { continue };
            traps.udp.push(socket.local_addr()?);
            let hits = traps.hits.clone();
            spawn(move || {
                while let Ok((_, from)) = socket.recv_from(&mut [0; 64]) {
                    note(&hits, format!("a datagram of {from} to {:?}", socket.local_addr()));
                }
            });
        }
        traps.prove()?;
        Ok(traps)
    }

    /// What was caught so far.
    pub fn hits(&self) -> Vec<String> {
        self.hits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How a page would write them, by address and by name.
    pub fn addresses(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (number, trap) in self.tcp.iter().enumerate() {
            let scheme = if number % 2 == 0 { "http" } else { "https" };
            all.push(format!("{scheme}://{trap}"));
        }
        let first = self.tcp.first().map_or(0, SocketAddr::port);
        all.extend(["localhost", "leak.localhost", "127.1", "0.0.0.0"].map(|name| format!("http://{name}:{first}")));
        all
    }

    /// As servers that help to find one's own address.
    pub fn stun(&self) -> Vec<String> {
        self.udp.iter().map(|trap| format!("stun:{trap}")).collect()
    }

    fn prove(&self) -> anyhow::Result<()> {
        for trap in &self.tcp {
            TcpStream::connect(trap)?;
        }
        for trap in &self.udp {
            UdpSocket::bind((trap.ip(), 0))?.send_to(b"x", trap)?;
        }
        sleep(SETTLED);
        let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(hits.len() == self.tcp.len() + self.udp.len(), "traps that catch nothing: {hits:?}");
        hits.clear();
        Ok(())
    }
}

/// Answers like a server that lets everybody read: nobody is spared by being refused afterwards.
fn answer(mut stream: TcpStream, hits: &Mutex<Vec<String>>) {
    let _ = stream.set_read_timeout(Some(SETTLED));
    let mut head = [0; 512];
    let read = stream.read(&mut head).unwrap_or(0);
    let line = String::from_utf8_lossy(&head[..read]).lines().next().unwrap_or_default().to_owned();
    note(hits, format!("{line:?} to {:?}", stream.local_addr()));
    let _ = stream.write_all(
        b"HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 6\r\nconnection: close\r\n\r\ncaught",
    );
}

fn note(hits: &Mutex<Vec<String>>, hit: String) {
    hits.lock().unwrap_or_else(PoisonError::into_inner).push(hit);
}
