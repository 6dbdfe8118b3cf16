//! A link of the network that can be slow, cut, or a hole.

use std::net::Ipv4Addr;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{self, Receiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};

use super::ports::free_port;

/// What becomes of connections, of those that are open and of those that come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// All goes through at once.
    Pass,
    /// All goes through, so much later in each direction, and as much at a time as before.
    Delay(Duration),
    /// Those that are open are closed, others are refused.
    Cut,
    /// They stay open and others are taken, and nothing goes through. What is on its way then goes on later.
    Hole,
}

/// Connections to a port of this link go on to a server. It passes, until it is told otherwise; it ends when dropped.
pub struct Link {
    pub port: u16,
    manners: UnboundedSender<(Manner, Sender<()>)>,
}

type Manners = watch::Receiver<Manner>;

/// What was read, and when it is due.
type Due = (Instant, Vec<u8>);

/// How long it takes at most until a manner holds.
const BOUND: Duration = Duration::from_secs(10);

impl Link {
    /// A link to `server`, a host and a port.
    pub fn to(server: &str) -> Self {
        let (manners, told) = unbounded_channel();
        let (port, server) = (free_port(), server.to_owned());
        // A thread of its own: it goes on while the test blocks.
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(port, &server, told));
        });
        let link = Self { port, manners };
        link.set(Manner::Pass);
        link
    }

    /// Its host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns once it holds for connections that come; those that are open hear of it at the same moment.
    #[track_caller]
    pub fn set(&self, manner: Manner) {
        let (done, wait) = channel();
        self.manners.send((manner, done)).unwrap();
        wait.recv_timeout(BOUND).unwrap_or_else(|_| panic!("the link is not {manner:?}"));
    }
}

async fn serve(port: u16, server: &str, mut told: mpsc::UnboundedReceiver<(Manner, Sender<()>)>) {
    let (now, manners) = watch::channel(Manner::Cut);
    let mut door: Option<TcpListener> = None;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            next = told.recv() => {
                let Some((manner, done)) = next else { return };
                now.send_replace(manner);
                if manner == Manner::Cut {
                    connections.shutdown().await;
                    door = None;
                } else if door.is_none() {
                    door = Some(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap());
                }
                // The test may have ended meanwhile.
                let _ = done.send(());
            }
            client = accept(door.as_ref()) => {
                connections.spawn(carry(client, server.to_owned(), manners.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(door: Option<&TcpListener>) -> TcpStream {
    loop {
        let Some(door) = door else { std::future::pending().await };
        if let Ok((client, _)) = door.accept().await {
            return client;
        }
        // Out of files; others are closed meanwhile.
        sleep(Duration::from_millis(10)).await;
    }
}

async fn carry(client: TcpStream, server: String, mut manners: Manners) {
    if flowing(&mut manners).await.is_none() {
        return;
    }
    let Ok(Ok(server)) = timeout(BOUND, TcpStream::connect(server)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // What breaks in one direction ends both.
    let _ =
        tokio::try_join!(pass(from_client, to_server, manners.clone()), pass(from_server, to_client, manners.clone()));
}

/// One direction, up to its end.
async fn pass(from: OwnedReadHalf, to: OwnedWriteHalf, manners: Manners) -> std::io::Result<()> {
    let (sender, receiver) = mpsc::channel(64);
    tokio::try_join!(read(from, sender, manners.clone()), write(to, receiver, manners))?;
    Ok(())
}

async fn read(from: OwnedReadHalf, sender: mpsc::Sender<Due>, mut manners: Manners) -> std::io::Result<()> {
    let mut piece = [0; 16 * 1024];
    loop {
        from.readable().await?;
        let Some(delay) = flowing(&mut manners).await else { return Ok(()) };
        match from.try_read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => {
                if sender.send((Instant::now() + delay, piece[..length].to_vec())).await.is_err() {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn write(mut to: OwnedWriteHalf, mut receiver: Receiver<Due>, mut manners: Manners) -> std::io::Result<()> {
    while let Some((due, piece)) = receiver.recv().await {
        sleep_until(due.into()).await;
        if flowing(&mut manners).await.is_none() {
            return Ok(());
        }
        to.write_all(&piece).await?;
    }
    to.shutdown().await
}

/// Waits until something may go through, and says how much later it does; none when the link is gone.
async fn flowing(manners: &mut Manners) -> Option<Duration> {
    let manner = manners.wait_for(|manner| !matches!(manner, Manner::Cut | Manner::Hole)).await.ok()?;
    Some(if let Manner::Delay(delay) = *manner { delay } else { Duration::ZERO })
}
