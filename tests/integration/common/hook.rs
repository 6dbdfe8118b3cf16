//! A server that is called as a webhook, and behaves as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// What it does with a request.
#[derive(Clone)]
pub enum Say {
    /// Answers with a status, more header lines, and a body.
    Answer(u16, &'static str, Vec<u8>),
    /// Writes these bytes and closes.
    Bytes(&'static [u8]),
    /// Begins an answer that has no end, a byte at a time.
    Drip,
    /// Says nothing.
    Hang,
    /// Answers once the test lets it: `At last.`
    Late,
}

impl Say {
    pub fn json(body: &str) -> Self {
        Self::Answer(200, "content-type: application/json\r\n", body.into())
    }

    pub fn status(status: u16) -> Self {
        Self::Answer(status, "", Vec::new())
    }
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Heard {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

pub struct Hook {
    pub port: u16,
    connections: watch::Receiver<usize>,
    left: watch::Receiver<usize>,
    going_on: watch::Sender<bool>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Hook {
    /// Does the first thing on the first request, and so on; the last for all that follow.
    pub async fn start(says: &[Say]) -> Self {
        Self::at("127.0.0.1:0", says).await
    }

    pub async fn at(address: &str, says: &[Say]) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, says) = (Arc::new(Mutex::new(Vec::new())), says.to_vec());
        let (connected, connections) = watch::channel(0);
        let (leaves, left) = watch::channel(0);
        let going_on = watch::Sender::new(false);
        let lets = going_on.subscribe();
        let notes = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connected.send_modify(|count| *count += 1);
                let (says, notes, leaves, lets) = (says.clone(), Arc::clone(&notes), leaves.clone(), lets.clone());
                tokio::spawn(async move {
                    // Whoever hangs up early is told by `left`, like everybody.
                    let _ = serve(stream, &says, &notes, lets).await;
                    leaves.send_modify(|count| *count += 1);
                });
            }
        });
        Self { port, connections, left, going_on, heard }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Lets those who wait have their answer.
    pub fn go_on(&self) {
        self.going_on.send_replace(true);
    }

    /// The requests so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        *self.connections.borrow()
    }

    /// Waits until so many have connected.
    pub async fn connected(&mut self, count: usize) {
        wait(&mut self.connections, count).await;
    }

    /// Waits until so many connections have ended.
    pub async fn left(&mut self, count: usize) {
        wait(&mut self.left, count).await;
    }
}

async fn wait(counter: &mut watch::Receiver<usize>, count: usize) {
    let reached = counter.wait_for(|reached| *reached >= count);
    timeout(Duration::from_secs(20), reached).await.expect("it does not happen").unwrap();
}

async fn serve(
    mut stream: TcpStream,
    says: &[Say],
    notes: &Mutex<Vec<Heard>>,
    mut lets: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let Some(request) = hear(&mut stream).await? else { return Ok(()) };
    let count = {
        let mut notes = notes.lock().unwrap();
        notes.push(request);
        notes.len()
    };
    match &says[count.min(says.len()) - 1] {
        Say::Answer(status, lines, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} So\r\ncontent-length: {length}\r\n{lines}connection: close\r\n\r\n");
            stream.write_all(&[head.as_bytes(), body].concat()).await?;
            stream.shutdown().await
        }
        Say::Bytes(bytes) => {
            stream.write_all(bytes).await?;
            stream.shutdown().await
        }
        Say::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await?;
            loop {
                stream.write_all(b" ").await?;
                sleep(Duration::from_millis(5)).await;
            }
        }
        Say::Late => {
            // Where the test has ended there is nobody to answer.
            let _ = lets.wait_for(|may| *may).await;
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-length: 23\r\nconnection: close\r\n\r\n{\"message\": \"At last.\"}";
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        }
        Say::Hang => stream.read_to_end(&mut Vec::new()).await.map(drop),
    }
}

/// None where the other side says no HTTP.
async fn hear(stream: &mut TcpStream) -> std::io::Result<Option<Heard>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 || !bytes.starts_with(b"P") {
            return Ok(None);
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let (line, rest) = head.split_once("\r\n").unwrap();
    let headers: BTreeMap<String, String> = rest
        .split("\r\n")
        .map(|header| header.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = bytes[end + 4..].to_vec();
    body.resize(headers.get("content-length").map_or(0, |length| length.parse().unwrap()), 0);
    stream.read_exact(&mut body[bytes.len() - end - 4..]).await?;
    Ok(Some(Heard { line: line.to_owned(), headers, body: String::from_utf8(body).unwrap() }))
}
