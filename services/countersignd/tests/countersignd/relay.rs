use std::io;
use std::net::{SocketAddr, TcpListener as Listener};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of the bytes of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    Whole,
    /// Whoever calls is not heard.
    There,
    /// Whoever calls hears nothing.
    Back,
    Both,
    /// Neither is heard, and everything arrives once the way is whole again, as packets do that are sent anew.
    Late,
    /// Every connection is reset, and each new one.
    Reset,
}

/// Cut in each way that is possible.
pub const CUTS: [Cut; 5] = [Cut::There, Cut::Back, Cut::Both, Cut::Late, Cut::Reset];

impl Cut {
    fn drops_there(self) -> bool {
        matches!(self, Self::There | Self::Both)
    }

    fn drops_back(self) -> bool {
        matches!(self, Self::Back | Self::Both)
    }
}

/// A way from one to another. What is dropped is dropped without a word, ends of connections too; a connection that lost
/// something stays lost in that direction after the way is healed, as at a firewall that forgot it.
pub struct Relay {
    pub address: SocketAddr,
    cut: watch::Sender<Cut>,
}

impl Relay {
    pub fn to(target: SocketAddr) -> Self {
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, cut) = (listener.local_addr().unwrap(), watch::Sender::new(Cut::Whole));
        let mut state = cut.subscribe();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = accept(listener, target, state.clone()) => {}
                    // Until the relay is dropped.
                    _ = state.wait_for(|_| false) => {}
                }
            });
        });
        Self { address, cut }
    }

    pub fn set(&self, cut: Cut) {
        self.cut.send_replace(cut);
    }

    pub fn https(&self) -> String {
        format!("https://{}", self.address)
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, state: watch::Receiver<Cut>) {
    while let Ok((caller, _)) = listener.accept().await {
        tokio::spawn(carry(caller, target, state.clone()));
    }
}

async fn carry(mut caller: TcpStream, target: SocketAddr, mut state: watch::Receiver<Cut>) {
    let _ = state.wait_for(|cut| *cut != Cut::Late).await;
    let cut = *state.borrow();
    match cut {
        Cut::Reset => drop(caller.set_zero_linger()),
        Cut::There | Cut::Back | Cut::Both => {
            // No connection comes about when one of its first packets is lost, and a later one does not revive it.
            let (mut from, mut nowhere) = (caller, [0; 1024]);
            while from.read(&mut nowhere).await.is_ok_and(|n| n > 0) {}
        }
        Cut::Whole | Cut::Late => {
            let Ok(mut called) = TcpStream::connect(target).await else { return drop(caller.set_zero_linger()) };
            let (pumping, state_too) = (state.clone(), state.clone());
            let (from_caller, to_caller) = caller.split();
            let (from_called, to_called) = called.split();
            let there = pump(from_caller, to_called, pumping, Cut::drops_there, Cut::drops_back);
            let back = pump(from_called, to_caller, state_too, Cut::drops_back, Cut::drops_there);
            let broke = tokio::select! {
                ended = async { tokio::try_join!(there, back) } => ended.is_err(),
                _ = state.wait_for(|cut| *cut == Cut::Reset) => true,
            };
            if broke {
                let _ = (caller.set_zero_linger(), called.set_zero_linger());
            }
        }
    }
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut state: watch::Receiver<Cut>,
    drops: fn(Cut) -> bool,
    drops_against: fn(Cut) -> bool,
) -> io::Result<()> {
    let (mut buffer, mut is_lost) = ([0; 16 * 1024], false);
    loop {
        let came = from.read(&mut buffer).await;
        let _ = state.wait_for(|cut| *cut != Cut::Late).await;
        is_lost |= drops(*state.borrow());
        match came {
            // That it ended is lost too.
            Ok(0) | Err(_) if is_lost => return Ok(()),
            Ok(0) => return to.shutdown().await,
            Ok(n) if !is_lost => {
                if let Err(error) = to.write_all(&buffer[..n]).await {
                    // That nobody takes it is told by a packet of the other direction.
                    if !drops_against(*state.borrow()) {
                        return Err(error);
                    }
                    is_lost = true;
                }
            }
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    }
}
