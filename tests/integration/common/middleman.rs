//! What stands between a client and a server, and servers that are none.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// How it treats a stream; all else goes through.
#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
    /// Passes the head on, and of the rest nothing before a page of it is full.
    Buffering,
    /// Passes nothing on before the server has said something twice.
    Hoarding,
    /// Ends a stream that is silent.
    Impatient,
    /// Makes of the data of runs what is no JSON.
    Garbling,
}

const PAGE: usize = 4096;

/// Its origin. It ends with the connections of the test.
pub fn middleman(server: &str, manner: Manner) -> String {
    let upstream = server.trim_start_matches("http://").to_owned();
    listen(move |client| {
        let Ok(server) = TcpStream::connect(&upstream) else { return };
        let (mut asking, mut asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut asking, &mut asked);
            let _ = asked.shutdown(Shutdown::Write);
        });
        pass_on(server, client, manner);
    })
}

fn pass_on(mut server: TcpStream, mut client: TcpStream, manner: Manner) {
    let (mut held, mut piece, mut is_stream) = (Vec::new(), [0; PAGE], false);
    while let Ok(length @ 1..) = server.read(&mut piece) {
        held.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&held).into_owned();
        is_stream |= text.contains("text/event-stream");
        let passed = match manner {
            _ if !is_stream => held.len(),
            Manner::Buffering if held.len() >= PAGE => held.len(),
            Manner::Buffering => text.find("\r\n\r\n").map_or(0, |end| end + 4),
            Manner::Hoarding if text.contains(": keepalive") => held.len(),
            Manner::Hoarding => 0,
            Manner::Impatient if text.contains(": keepalive") => break,
            Manner::Impatient => held.len(),
            // Whole events alone.
            Manner::Garbling => held.windows(2).rposition(|end| end == b"\n\n").map_or(0, |end| end + 2),
        };
        let rest = held.split_off(passed);
        if manner == Manner::Garbling {
            garble(&mut held);
        }
        if client.write_all(&held).is_err() {
            break;
        }
        held = rest;
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

/// Leaves the length as it is.
fn garble(events: &mut [u8]) {
    const RUN: &[u8] = br#"data: {"command""#;
    for place in 0..events.len() {
        if events[place..].starts_with(RUN) {
            events[place + RUN.len() - br#"{"command""#.len()] = b'[';
        }
    }
}

/// The origin of a program that answers every request with what `answer` makes of it and of this origin, and closes.
pub fn replying(answer: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    listen_as(move |mut client, own| {
        let mut request = [0; PAGE];
        if let Ok(length) = client.read(&mut request) {
            let request = String::from_utf8_lossy(&request[..length]);
            let _ = client.write_all(answer(&request, own).as_bytes());
        }
        let _ = client.shutdown(Shutdown::Write);
    })
}

fn listen(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    listen_as(move |client, _| {
        let serve = serve.clone();
        thread::spawn(move || serve(client));
    })
}

fn listen_as(serve: impl Fn(TcpStream, &str) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = format!("http://{}", listener.local_addr().unwrap());
    let name = own.clone();
    thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(|client| serve(client, &name)));
    own
}
