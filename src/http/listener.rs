//! Connections: how many, and how long they may take to say what they want.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::mem::replace;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use http::header::CONNECTION;
use http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::{debug, error};

use super::Site;
use super::peer::Connection;
use crate::app::App;

/// What the parser takes of one request's head before it answers with a bare 431; `size` refuses less. Its own bound of
/// 100 fields stays: to change it costs an allocation a request.
const HEAD: usize = 128 * 1024;
/// After a failure to accept, which mostly means that the process has no file left to open.
const PAUSE: Duration = Duration::from_millis(200);

/// What the kernel holds of what was sent and not taken yet, in bytes; Linux doubles it for its own use.
const SEND_BUFFER: usize = 64 * 1024;

/// How long a connection may still bring a request once the server closes, to be answered and told that it was the last:
/// whoever sends on one that is being closed does not know whether it arrived.
const FAREWELL: Duration = Duration::from_millis(500);

/// How many that wait to be accepted then are, at most: as many as the system lets wait.
const LATE: usize = 1024;

/// Connections beyond the limit that are told so at once; more than these are closed without a word.
const LOBBY: usize = 64;

/// Answers on `listener` until the runtime closes; the open connections are then tasks of the runtime, which end when
/// they are done.
pub async fn serve(listener: TcpListener, app: Arc<App>) {
    let inside = Room::new(Site::new(Arc::clone(&app)), app.config.limits.max_connections);
    // Whoever is told there that all is full is also sent away.
    let lobby = Room { keeps_alive: false, ..Room::new(Site::full(Arc::clone(&app)), LOBBY) };
    let (mut failed, mut late) = (false, 0);
    while late < LATE {
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            () = app.runtime.closing() => return,
        };
        // Those that are connected already are not turned away without a word.
        late += usize::from(app.runtime.is_closing());
        let (socket, address) = match accepted {
            Ok(accepted) => {
                failed = false;
                accepted
            }
            Err(failure) => {
                // Once for a row of failures: each would be a line.
                if !replace(&mut failed, true) {
                    error!(%failure, "cannot accept connections");
                }
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let place = inside.place().map(|place| (&inside, place)).or_else(|| Some((&lobby, lobby.place()?)));
        if let Some((room, place)) = place {
            let connection = answer(Arc::clone(&room.site), room.keeps_alive, socket, address.ip());
            app.runtime.spawn_connection(async move {
                connection.await;
                drop(place);
            });
        }
    }
}

/// So many connections, and what answers them.
struct Room {
    site: Arc<Site>,
    places: Arc<Semaphore>,
    keeps_alive: bool,
}

impl Room {
    fn new(site: Arc<Site>, places: usize) -> Self {
        Self { site, places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))), keeps_alive: true }
    }

    fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }
}

/// What a reader that reads nothing may cost: so many bytes in the kernel, for so long.
fn prepare(socket: &TcpStream, stall: Duration) -> io::Result<()> {
    // Without it a small event may wait for the acknowledgement of the one before.
    socket.set_nodelay(true)?;
    let socket = SockRef::from(socket);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(stall))?;
    Ok(())
}

async fn answer(site: Arc<Site>, keeps_alive: bool, socket: TcpStream, peer: IpAddr) {
    // It fails on a connection that is gone already, which the next read tells better.
    let _ = prepare(&socket, site.app.config.limits.stall_timeout);
    let is_last = AtomicBool::new(false);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(Connection(peer));
        let (site, is_last) = (&site, &is_last);
        // In a box: the connection keeps its room for as long as a stream lasts.
        Box::pin(async move {
            let mut response = site.answer(request.map(Body::new)).await;
            if is_last.load(Ordering::Relaxed) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        })
    });
    let connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(site.app.config.limits.header_timeout)
        .max_buf_size(HEAD)
        // What is sent is small: to copy it costs less than to gather it.
        .writev(false)
        .keep_alive(keeps_alive)
        .serve_connection(TokioIo::new(socket), service);
    let (mut connection, mut closing) = (pin!(connection), pin!(site.app.runtime.closing()));
    let mut listens = false;
    let ended = poll_fn(|cx| {
        if let Poll::Ready(outcome) = connection.as_mut().poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        // Once is enough to be woken by it; what wakes a connection is nearly always a request.
        if !replace(&mut listens, true) || site.app.runtime.is_closing() {
            return closing.as_mut().poll(cx).map(|()| None);
        }
        Poll::Pending
    });
    let outcome = if let Some(outcome) = ended.await {
        outcome
    } else {
        is_last.store(true, Ordering::Relaxed);
        if let Ok(outcome) = timeout(FAREWELL, connection.as_mut()).await {
            outcome
        } else {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(failure) = outcome {
        debug!(%peer, %failure, "a connection broke");
    }
}
